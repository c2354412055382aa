import type { Json } from "../definition.ts";
import type { HistoryEntry } from "../history.ts";
import type { Pending } from "../store.ts";
import type { Visit } from "../visit.ts";
import { lambdaFunction } from "./lambda-function.ts";
import { lambdaInvoke, lambdaInvokeWaitForTaskToken } from "./lambda-invoke.ts";
import { startExecution, startExecutionSync, startExecutionSync2 } from "./start-execution.ts";

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

const integrations: Record<string, TaskResource> = {
  "arn:aws:states:::lambda:invoke": lambdaInvoke,
  "arn:aws:states:::lambda:invoke.waitForTaskToken": lambdaInvokeWaitForTaskToken,
  "arn:aws:states:::states:startExecution": startExecution,
  "arn:aws:states:::states:startExecution.sync": startExecutionSync,
  "arn:aws:states:::states:startExecution.sync:2": startExecutionSync2,
};

export const supportedResources = [...Object.keys(integrations), "arn:aws:lambda:<region>:<account>:function:<name>"];

export const isSupported = (resource: string): boolean => resource in integrations || isFunctionArn(resource);

export function resourceOf(resource: string): TaskResource {
  const integration = integrations[resource];
  if (integration !== undefined) return integration;
  if (isFunctionArn(resource)) return lambdaFunction(resource);
  throw new Error(`the resource ${resource} is not supported`);
}

const isFunctionArn = (resource: string): boolean => /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[^:]+(:[^:]+)?$/.test(resource);
