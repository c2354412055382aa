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

/** Fields that Arguments may and must have. */
export interface Parameters {
  allowed: string[];
  required: string[];
}

/** Each thing that is wrong with Arguments. */
export function wrongArguments(given: unknown, { allowed, required }: Parameters): string[] {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return [`must be an object with ${required.join(", ")}, not ${JSON.stringify(given) ?? "nothing"}`];
  const unknown = Object.keys(given).filter((field) => !allowed.includes(field));
  const missing = required.filter((field) => !(field in given));
  return [...unknown.map((field) => `${field} is not supported (${allowed.join(", ")})`), ...missing.map((field) => `${field} is missing`)];
}

/** What a Task's Resource names. */
export interface TaskResource {
  waitsForToken: boolean;
  /** null when anything goes. */
  parameters: Parameters | null;
  scheduled(task: TaskAttempt): HistoryEntry[];
  timedOut(error: string): HistoryEntry;
  perform(task: TaskAttempt, signal: AbortSignal): Promise<TaskDone>;
}
