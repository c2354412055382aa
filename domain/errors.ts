/**
 * Errors that cross a boundary by name. `WorkflowError` names are what the state machines' Catch and Retry match
 * (a test compares the sets); `Problem` codes are the wire's (contract/problems.ts gives status and title).
 */

export const workflowErrorNames = {
  /** A newer epoch has written: this executor must stop and touch nothing. */
  StaleEpoch: "StaleEpoch",
  /** The new slot cannot become ready: the cause is known. */
  SlotFailed: "SlotFailed",
  /** A smoke test gave another answer than expected. */
  SmokeTestFailed: "SmokeTestFailed",
  /** What has a part of the traffic does not do well with it. */
  BakeFailed: "BakeFailed",
  /** The gateway refused the route, or did not serve it in time. */
  RouteNotAccepted: "RouteNotAccepted",
  /** The operation's deadline is over. */
  DeadlineExceeded: "DeadlineExceeded",
  /** The cluster did not answer, or refused for a passing reason: worth another try. */
  ClusterUnavailable: "ClusterUnavailable",
  /** The cluster refuses what was asked (forbidden, invalid, quota): trying again does not help. */
  ClusterRefused: "ClusterRefused",
  /** A service of AWS did not answer, or refused for a passing reason, also after its requests were repeated: worth another try. */
  ServiceUnavailable: "ServiceUnavailable",
  /** A promotion cannot go on: the cause is known. */
  PromotionFailed: "PromotionFailed",
} as const;
export type WorkflowErrorName = keyof typeof workflowErrorNames;

/** Thrown by steps; `message` is the cause in one line for a person, `reason` the cause's word. */
export class WorkflowError extends Error {
  readonly reason: string;
  constructor(name: WorkflowErrorName, reason: string, message: string) {
    super(message);
    this.name = name;
    this.reason = reason;
  }
}

export const problemCodes = [
  "invalid-input",
  "unauthenticated",
  "forbidden",
  "not-found",
  "not-allowed-in-status",
  "operation-in-progress",
  "name-taken",
  "token-shown-once",
  "version-moved",
  "too-large",
  "idempotency-key-reused",
  "not-verified",
  "quota-exceeded",
  "rate-limited",
  "cluster-unreachable",
  "report-incomplete",
  "service-unavailable",
  "internal",
] as const;
export type ProblemCode = (typeof problemCodes)[number];

export interface InputError {
  /** Dotted path into the body or the name of the parameter. */
  path: string;
  message: string;
  given?: unknown;
}

/** An answer that says no. `detail`: what was wrong, what was given, what to do. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: InputError[];
  /** Further members of the problem document, for instance `status`, `allowed`, `operation_id`. */
  readonly members: Record<string, unknown>;
  constructor(code: ProblemCode, detail: string, extra: { errors?: InputError[]; members?: Record<string, unknown> } = {}) {
    super(detail);
    this.name = "Problem";
    this.code = code;
    this.errors = extra.errors ?? [];
    this.members = extra.members ?? {};
  }
}
