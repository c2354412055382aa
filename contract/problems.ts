import type { Problem, ProblemCode } from "../domain/errors.ts";

/** HTTP status and title of each problem code. The detail says the rest. */
export const problems: Readonly<Record<ProblemCode, { status: number; title: string }>> = {
  "invalid-input": { status: 400, title: "The request is not valid" },
  unauthenticated: { status: 401, title: "Sign in first" },
  forbidden: { status: 403, title: "Your role does not allow this" },
  "not-found": { status: 404, title: "There is no such thing, or you may not see it" },
  "not-allowed-in-status": { status: 409, title: "Not allowed in the deployment's status" },
  "operation-in-progress": { status: 409, title: "Another operation is under way" },
  "name-taken": { status: 409, title: "The name is taken" },
  "token-shown-once": { status: 409, title: "A token is shown once" },
  "version-moved": { status: 412, title: "It has changed since you read it" },
  "too-large": { status: 413, title: "The request is too large" },
  "idempotency-key-reused": { status: 422, title: "The idempotency key was used for another request" },
  "not-verified": { status: 422, title: "The model version is not verified" },
  "quota-exceeded": { status: 422, title: "The quota does not allow this" },
  "rate-limited": { status: 429, title: "Too many requests" },
  "cluster-unreachable": { status: 503, title: "The cluster does not answer" },
  "report-incomplete": { status: 503, title: "What the report needs is not there yet" },
  "service-unavailable": { status: 503, title: "A service that this needs does not answer" },
  internal: { status: 500, title: "Something went wrong on our side" },
};

export const problemMediaType = "application/problem+json";
const typePrefix = "urn:slipway:problem:";

/** RFC 9457. `members` of the problem stand beside these fields and never replace one. */
export interface ProblemDocument {
  type: string;
  code: ProblemCode;
  title: string;
  status: number;
  detail: string;
  errors?: { path: string; message: string; given?: unknown }[];
  request_id: string;
  [member: string]: unknown;
}

/** What goes over the wire for a problem; the HTTP status is its `status`. */
export function problemDocument(problem: Problem, requestId: string): ProblemDocument {
  const { status, title } = problems[problem.code];
  // A member called `status` is the deployment's (not-allowed-in-status); RFC 9457 keeps that name for the HTTP status.
  const { status: deploymentStatus, ...members } = problem.members;
  return {
    ...members,
    ...(deploymentStatus === undefined ? {} : { deployment_status: deploymentStatus }),
    type: typePrefix + problem.code,
    code: problem.code,
    title,
    status,
    detail: problem.message,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
    request_id: requestId,
  };
}
