import type { Json, JsonObject } from "./definition.ts";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** One execution. `input` and `output` are JSON texts, kept as they came; times are epoch milliseconds. */
export interface Execution {
  arn: string;
  machine_arn: string;
  machine_name: string;
  name: string;
  definition_hash: string;
  role_arn: string;
  input: string;
  status: ExecutionStatus;
  started_at: number;
  stopped_at: number | null;
  output: string | null;
  error: string | null;
  cause: string | null;
  /** States entered, retries included: what AWS bills. */
  transitions: number;
  last_event: number;
  /** When the machine's TimeoutSeconds ends it. */
  deadline: number | null;
  /** The execution and scope that wait for this one (`.sync`): it ends when they give up. */
  parent_arn: string | null;
  parent_path: string | null;
  /** The last status that listeners were told of. */
  announced: ExecutionStatus | null;
}

/** What a state that has been entered has already done, so that going on does not do it twice. */
export type Pending =
  | { kind: "wait"; until: number }
  | { kind: "retry"; until: number }
  | { kind: "task"; deadline: number | null; token: string | null; child: string | null; submitted: boolean }
  | { kind: "items"; items: Json[] }
  | { kind: "branches"; input: Json };

/** One line of states: the machine's own (path ""), a branch or an iteration. */
export interface Scope {
  path: string;
  state: string;
  input: Json;
  /** Its own variables; those of outer scopes are read through them. */
  variables: JsonObject;
  /** null: the state is next but was not entered. */
  entered_at: number | null;
  entered_event: number;
  last_event: number;
  retry_count: number;
  /** Retries made, by the retrier's index. */
  retrier_attempts: Record<number, number>;
  pending: Pending | null;
  /** How it ended, once it has. */
  outcome: { output: Json } | { error: string | null; cause: string | null } | null;
}

export interface StoredEvent {
  id: number;
  previous_id: number;
  timestamp: number;
  type: string;
  details: JsonObject;
}

export interface TaskToken {
  token: string;
  arn: string;
  path: string;
  heartbeat_at: number;
  result: { output: Json } | { error: string | null; cause: string | null } | null;
}
