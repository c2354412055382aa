import type { Json, JsonObject, StateType } from "./definition.ts";

/** One event of an execution's history, before it has an id and a time. */
export interface HistoryEntry {
  type: string;
  /** `{taskFailedEventDetails: {…}}`, or empty for events without details. */
  details: JsonObject;
  /** Stands beside the line: what follows names the event before it as its previous one. */
  aside?: true;
  /** The previous event, where it is not the last one of the line. */
  follows?: number;
}

/** A copy that stands beside the line. */
export const aside = (entry: HistoryEntry): HistoryEntry => ({ ...entry, aside: true });

const included = { truncated: false };

export function entry(type: string, member?: string, details: Record<string, Json | undefined> = {}): HistoryEntry {
  if (member === undefined) return { type, details: {} };
  const given = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined && value !== null));
  return { type, details: { [member]: given as JsonObject } };
}

export const executionStarted = (input: string, roleArn: string) =>
  entry("ExecutionStarted", "executionStartedEventDetails", { input, inputDetails: included, roleArn });
export const executionSucceeded = (output: Json) =>
  entry("ExecutionSucceeded", "executionSucceededEventDetails", { output: JSON.stringify(output), outputDetails: included });
export const executionFailed = (error: string | null, cause: string | null) =>
  entry("ExecutionFailed", "executionFailedEventDetails", { error, cause });
export const executionTimedOut = entry("ExecutionTimedOut", "executionTimedOutEventDetails");
export const executionAborted = (error: string | null, cause: string | null) =>
  entry("ExecutionAborted", "executionAbortedEventDetails", { error, cause });

export const stateEntered = (type: StateType, name: string, input: Json) =>
  entry(`${type}StateEntered`, "stateEnteredEventDetails", { name, input: JSON.stringify(input), inputDetails: included });

export function stateExited(type: StateType, name: string, output: Json, assigned: JsonObject): HistoryEntry {
  const variables = Object.fromEntries(Object.entries(assigned).map(([key, value]) => [key, JSON.stringify(value)]));
  return entry(`${type}StateExited`, "stateExitedEventDetails", {
    name,
    output: JSON.stringify(output),
    outputDetails: included,
    ...(Object.keys(variables).length > 0 ? { assignedVariables: variables, assignedVariablesDetails: included } : {}),
  });
}

export const evaluationFailed = (state: string, location: string | null, cause: string) =>
  entry("EvaluationFailed", "evaluationFailedEventDetails", { error: "States.QueryEvaluationError", cause, location, state });

/** What a Task tells of a resource: `lambda` `invoke`, `states` `startExecution.sync:2`. */
export interface TaskName {
  resourceType: string;
  resource: string;
}
export const taskScheduled = (name: TaskName, parameters: Json, limits: { timeout: number | null; heartbeat: number | null }) =>
  entry("TaskScheduled", "taskScheduledEventDetails", {
    ...name,
    region: "us-east-1",
    parameters: JSON.stringify(parameters),
    timeoutInSeconds: limits.timeout,
    heartbeatInSeconds: limits.heartbeat,
  });
export const taskStarted = (name: TaskName) => entry("TaskStarted", "taskStartedEventDetails", { ...name });
export const taskSubmitted = (name: TaskName, output: Json) =>
  entry("TaskSubmitted", "taskSubmittedEventDetails", { ...name, output: JSON.stringify(output), outputDetails: included });
export const taskSucceeded = (name: TaskName, output: Json) =>
  entry("TaskSucceeded", "taskSucceededEventDetails", { ...name, output: JSON.stringify(output), outputDetails: included });
export const taskFailed = (name: TaskName, error: string | null, cause: string | null) =>
  entry("TaskFailed", "taskFailedEventDetails", { ...name, error, cause });
export const taskTimedOut = (name: TaskName, error: string) => entry("TaskTimedOut", "taskTimedOutEventDetails", { ...name, error });

export const lambdaScheduled = (resource: string, input: Json, timeout: number | null) =>
  entry("LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails", {
    resource,
    input: JSON.stringify(input),
    inputDetails: included,
    timeoutInSeconds: timeout,
  });
export const lambdaSucceeded = (output: Json) =>
  entry("LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails", { output: JSON.stringify(output), outputDetails: included });
export const lambdaFailed = (error: string | null, cause: string | null) =>
  entry("LambdaFunctionFailed", "lambdaFunctionFailedEventDetails", { error, cause });
export const lambdaTimedOut = (error: string) => entry("LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails", { error });

export function mapIteration(what: "Started" | "Succeeded" | "Failed" | "Aborted", name: string, index: number): HistoryEntry {
  const said = entry(`MapIteration${what}`, `mapIteration${what}EventDetails`, { name, index });
  return what === "Started" ? said : aside(said);
}
export const mapStateStarted = (length: number) => entry("MapStateStarted", "mapStateStartedEventDetails", { length });
