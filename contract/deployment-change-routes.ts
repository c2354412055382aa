import { createQuery, deleteQuery, updateQuery } from "./change-queries.ts";
import { createBody } from "./create.ts";
import { deploymentReference, ulid } from "./grammars.ts";
import * as queries from "./queries.ts";
import { rollbackBody } from "./rollback.ts";
import { noParameters, type RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";
import { patchBody } from "./update.ts";
import { waiting } from "./waiting.ts";

/** Routes that change deployments, by operations, and that steer operations. */

const deployment = strict({ id: deploymentReference });

const memberOfDeployment = { role: "member", of: "deployment" } as const;
const once = ["Idempotency-Key"] as const;
const onceAndIfMatch = ["Idempotency-Key", "If-Match"] as const;

const ofDeployment = { tag: "deployments", function: "ChangeRecord", policy: memberOfDeployment, params: deployment } as const;
/** Asks for an operation of a deployment, and may wait for its end. */
const begins = {
  ...ofDeployment,
  method: "POST",
  headers: onceAndIfMatch,
  query: waiting,
  answers: { 202: "StartedOperation" },
} as const;
/** Steers an operation under way. */
const steers = {
  method: "POST",
  tag: "operations",
  function: "ChangeRecord",
  policy: { role: "member", of: "operation" },
  headers: once,
  params: strict({ id: ulid }),
  query: queries.none,
  answers: { 200: "Operation" },
} as const;

export const deploymentChangeRoutes = {
  createDeployment: {
    method: "POST",
    path: "/v1/deployments",
    summary: "Create a deployment and, unless told otherwise, start it",
    tag: "deployments",
    function: "ChangeRecord",
    policy: { role: "member", of: "body" },
    headers: once,
    params: noParameters,
    query: createQuery,
    body: createBody,
    answers: { 200: "Preflight", 201: "CreatedDeployment", 202: "StartedDeployment" },
  },
  updateDeployment: {
    ...ofDeployment,
    method: "PATCH",
    path: "/v1/deployments/{id}",
    summary: "Make the next revision by a JSON merge patch of the specification, and roll it out when something runs",
    headers: onceAndIfMatch,
    query: updateQuery,
    body: patchBody,
    answers: { 200: "StoredDeploymentOrPreflight", 202: "StartedDeployment" },
  },
  deleteDeployment: {
    ...ofDeployment,
    method: "DELETE",
    path: "/v1/deployments/{id}",
    summary: "Stop a deployment, remove it and free its id; its name has to be typed",
    headers: onceAndIfMatch,
    query: deleteQuery,
    answers: { 202: "StartedOperation" },
  },
  startDeployment: {
    ...begins,
    path: "/v1/deployments/{id}/start",
    summary: "Start a deployment",
  },
  stopDeployment: {
    ...begins,
    path: "/v1/deployments/{id}/stop",
    summary: "Stop a deployment; an operation under way is aborted first",
  },
  restartDeployment: {
    ...begins,
    path: "/v1/deployments/{id}/restart",
    summary: "Replace every instance by a new one of the same revision; a rollout under way is aborted first",
  },
  rollBackDeployment: {
    ...begins,
    path: "/v1/deployments/{id}/rollback",
    summary: "Go back to an earlier revision without a bake; a rollout under way is aborted first",
    body: rollbackBody,
  },
  smokeTestDeployment: {
    ...begins,
    path: "/v1/deployments/{id}/smoke-tests",
    summary: "Send what serves the smoke tests of its revision, now; nothing is changed by what they find",
  },
  liftHold: {
    ...ofDeployment,
    method: "DELETE",
    path: "/v1/deployments/{id}/hold",
    summary: "Lift the hold that a rollback put on automatic promotion",
    headers: ["If-Match"],
    query: queries.none,
    answers: { 200: "StoredDeployment" },
  },
  abortOperation: {
    ...steers,
    path: "/v1/operations/{id}/abort",
    summary: "End an operation at whatever step it is; what served before it serves on",
  },
  promoteOperation: {
    ...steers,
    path: "/v1/operations/{id}/promote",
    summary: "Skip the rest of a bake, or end a wait for promotion by hand",
  },
} as const satisfies Record<string, RouteEntry>;
