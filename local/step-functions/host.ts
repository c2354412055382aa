import type { InvocationResult } from "../aws/service.ts";
import type { Clock } from "./clock.ts";
import type { Json, Machine } from "./definition.ts";
import type { HistoryEntry } from "./history.ts";
import type { Execution, ExecutionStatus } from "./records.ts";
import type { Store } from "./store.ts";

export interface InterpreterOptions {
  store: Store;
  machines: Machine[];
  clock: Clock;
  /** In [0, 1): jitter and `$random()`. */
  random(): number;
  invoke(functionNameOrArn: string, payload: Json, roleArn: string): Promise<InvocationResult>;
  /** Throws when the role may not. */
  authorize(roleArn: string, action: string, resource: string): void;
  /** Told of every status at least once, also after a restart. */
  statusChanged(execution: Execution): Promise<void>;
  /** Told of each transition once it is on disk. */
  transitioned(transition: Transition): void;
  /** Told of what should never happen: the store or a listener failed. */
  report(error: unknown): void;
}

/** A state entered, or entered again by a retry: what AWS bills. */
export interface Transition {
  machine: string;
  execution: string;
  state: string;
  retry: boolean;
}

export interface ExecutionEnd {
  status: Exclude<ExecutionStatus, "RUNNING">;
  output?: string;
  error?: string | null;
  cause?: string | null;
  entry: HistoryEntry;
  /** Without it the end came from outside, and follows nothing. */
  previousEvent?: number;
}

/** What an execution under way needs of the interpreter that runs it. */
export interface Host {
  readonly options: InterpreterOptions;
  readonly store: Store;
  machine(arn: string): Machine | undefined;
  /** Writes the execution down and, once that is on disk, sets it going. */
  begin(machine: Machine, given: NewExecution): Execution;
  /** Ends a running execution and, with it, what it waits for. Does nothing when it has ended already. */
  end(arn: string, end: ExecutionEnd): void;
  /** Ends the executions that tasks at or below a scope wait for. */
  abandon(arn: string, path: string): void;
  /** The execution once it has ended; rejects when the signal is aborted or the interpreter halts first. */
  ended(arn: string, signal?: AbortSignal): Promise<Execution>;
  /** Resolves when something was sent for the token. */
  tokenSignalled(token: string, signal: AbortSignal): Promise<void>;
}

/** `input` is JSON text; a parent waits for the end (`.sync`). */
export interface NewExecution {
  name: string | null;
  input: string;
  parent?: { arn: string; path: string };
}
