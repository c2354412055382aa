import type { ConditionStatus, ConditionType } from "./words.ts";

/** One condition is current; transitions are kept, newest first. */
export interface Condition {
  type: ConditionType;
  status: ConditionStatus;
  reason: string;
  message: string;
  at: string;
}

export interface Cause {
  /** A Kubernetes reason where there is one, else a word of domain/errors.ts. CamelCase. */
  reason: string;
  message: string;
}
