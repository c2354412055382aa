import type { Cause, Condition } from "./condition.ts";
import type { Evidence } from "./evidence.ts";
import type { OperationKind, Outcome, SlotName } from "./words.ts";

export interface ActiveOperation {
  id: string;
  kind: OperationKind;
  revision: number;
  /** The slot that the operation fills; null for STOP and DELETE. */
  slot: SlotName | null;
  actor: string;
  started_at: string;
  deadline: string;
  /** Name of the step that runs now; equals the ASL state's function name. */
  step: string | null;
  steps: OperationStep[];
  /** When the state machine came to the step that began last; absent before the first. */
  visit?: string;
  /** Somebody's word that the rollout may go on, given while the step ran that began at `step_started_at`. */
  promotion?: Promotion | null;
  /** The slot that it fills held something else, which is to go first. */
  evicts?: boolean;
  /** The deployment answers nothing while it is carried out. */
  interrupts_serving?: boolean;
}

/** "Go on": it counts for one step. */
export interface Promotion {
  step_started_at: string;
  by: string;
  at: string;
}

export interface OperationStep {
  name: string;
  started_at: string;
  ended_at: string | null;
  outcome: "SUCCEEDED" | "FAILED" | null;
  detail: string | null;
}

export interface LastOperation {
  id: string;
  kind: OperationKind;
  outcome: Outcome;
  revision: number;
  cause: Cause | null;
  /** The condition in which a failed operation ended; status and condition speak of it while nothing runs. */
  condition: Condition | null;
}

/** An operation as it is read: while it runs all of it but what it kept is on HEAD, and afterwards in its OPERATION item. */
export interface Operation {
  id: string;
  deployment_id: string;
  uid: string;
  group: string;
  kind: OperationKind;
  revision: number;
  epoch: number;
  slot: SlotName | null;
  outcome: Outcome | null;
  cause: Cause | null;
  steps: OperationStep[];
  weights: Partial<Record<SlotName, number>>;
  actor: string;
  started_at: string;
  ended_at: string | null;
  deadline: string;
  /** What the operation kept; large bodies lie in the evidence bucket under `evidence.key`. */
  evidence: Evidence | null;
  /** True when an update is carried out by stop-and-start: the deployment answers nothing meanwhile. */
  interrupts_serving: boolean;
}
