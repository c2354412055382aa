import type { Workflow } from "../../domain/operation-kinds.ts";

/** What every workflow starts with, and each of its steps is given: ids only, never data. */
export interface WorkflowInput {
  uid: string;
  operation_id: string;
  epoch: number;
  /** When the state machine came to the state, in ISO 8601; the same for each try of it. A person who runs a step by hand has none. */
  visit?: string;
}

/** Executions are named by the operation's id: starting twice is one effect. */
export interface Workflows {
  /** An execution of that name that runs or has ended already is no error. */
  start(workflow: Workflow, input: WorkflowInput): Promise<void>;
  /** Stopping what has ended or never was is no error. Runs no Catch. */
  stop(workflow: Workflow, operationId: string, cause: string): Promise<void>;
  /** undefined when there is no execution of that name. */
  status(workflow: Workflow, operationId: string): Promise<"RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | undefined>;
}
