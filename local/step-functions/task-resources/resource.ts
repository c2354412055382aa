import type { Json } from "../definition.ts";
import type { HistoryEntry } from "../history.ts";
import type { Pending } from "../records.ts";
import type { Visit } from "../visit.ts";

/** One attempt of a Task. Limits are seconds. */
export interface TaskAttempt {
  visit: Visit;
  pending: Extract<Pending, { kind: "task" }>;
  arguments: Json;
  timeout: number | null;
  heartbeat: number | null;
}

export interface TaskDone {
  result: Json;
  entries: HistoryEntry[];
}

/** What a Task's Resource names. */
export interface TaskResource {
  waitsForToken: boolean;
  /** Fields that literal Arguments may and must have; null when anything goes. */
  parameters: { allowed: string[]; required: string[] } | null;
  scheduled(task: TaskAttempt): HistoryEntry[];
  timedOut(error: string): HistoryEntry;
  perform(task: TaskAttempt, signal: AbortSignal): Promise<TaskDone>;
}
