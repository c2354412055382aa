import type * as z from "zod";
import { createBody } from "./create.ts";
import { deploymentReference, groupName, modelName, ulid } from "./grammars.ts";
import { groupBody } from "./groups.ts";
import { createModelBody, registerVersionBody } from "./models.ts";
import * as queries from "./queries.ts";
import type { HttpFunction, RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";
import { patchBody } from "./update.ts";

/** Every route of this release, by operation id. A route that is not here does not exist. */

const nothing = strict({});
const deployment = strict({ id: deploymentReference });
const revision = strict({ id: deploymentReference, revision: queries.digits(1, 999_999) });
const operation = strict({ id: ulid });
const group = strict({ name: groupName });
const model = strict({ group: groupName, name: modelName });
const modelVersion = strict({ group: groupName, name: modelName, version: queries.digits(1, 999_999) });

const anyone = { signIn: false } as const;
const signedIn = { role: "viewer", of: "any" } as const;
const viewerOfDeployment = { role: "viewer", of: "deployment" } as const;
const memberOfDeployment = { role: "member", of: "deployment" } as const;
const once = ["Idempotency-Key"] as const;
const onceAndIfMatch = ["Idempotency-Key", "If-Match"] as const;

export const routeTable = {
  listDeployments: {
    method: "GET",
    path: "/v1/deployments",
    summary: "List the deployments of your groups, sorted by name",
    tag: "deployments",
    function: "ReadRecord",
    policy: signedIn,
    params: nothing,
    query: queries.deploymentList,
    answers: { 200: "DeploymentList" },
  },
  createDeployment: {
    method: "POST",
    path: "/v1/deployments",
    summary: "Create a deployment and, unless told otherwise, start it",
    tag: "deployments",
    function: "ChangeRecord",
    policy: { role: "member", of: "body" },
    headers: once,
    params: nothing,
    query: queries.createQuery,
    body: createBody,
    answers: { 201: "CreatedDeployment", 202: "StartedDeployment" },
  },
  getDeployment: {
    method: "GET",
    path: "/v1/deployments/{id}",
    summary: "Get a deployment as a whole",
    tag: "deployments",
    function: "ReadRecord",
    policy: viewerOfDeployment,
    params: deployment,
    query: queries.none,
    answers: { 200: "Deployment" },
  },
  updateDeployment: {
    method: "PATCH",
    path: "/v1/deployments/{id}",
    summary: "Make the next revision by a JSON merge patch of the specification, and roll it out when something runs",
    tag: "deployments",
    function: "ChangeRecord",
    policy: memberOfDeployment,
    headers: ["If-Match"],
    params: deployment,
    query: queries.updateQuery,
    body: patchBody,
    answers: { 200: "StoredDeployment", 202: "StartedDeployment" },
  },
  deleteDeployment: {
    method: "DELETE",
    path: "/v1/deployments/{id}",
    summary: "Stop a deployment, remove it and free its id; its name has to be typed",
    tag: "deployments",
    function: "ChangeRecord",
    policy: memberOfDeployment,
    headers: ["If-Match"],
    params: deployment,
    query: queries.deleteQuery,
    answers: { 202: "StartedOperation" },
  },
  startDeployment: {
    method: "POST",
    path: "/v1/deployments/{id}/start",
    summary: "Start a deployment",
    tag: "deployments",
    function: "ChangeRecord",
    policy: memberOfDeployment,
    headers: onceAndIfMatch,
    params: deployment,
    query: queries.waiting,
    answers: { 202: "StartedOperation" },
  },
  stopDeployment: {
    method: "POST",
    path: "/v1/deployments/{id}/stop",
    summary: "Stop a deployment; an operation under way is aborted first",
    tag: "deployments",
    function: "ChangeRecord",
    policy: memberOfDeployment,
    headers: onceAndIfMatch,
    params: deployment,
    query: queries.waiting,
    answers: { 202: "StartedOperation" },
  },
  restartDeployment: {
    method: "POST",
    path: "/v1/deployments/{id}/restart",
    summary: "Replace every instance by a new one of the same revision",
    tag: "deployments",
    function: "ChangeRecord",
    policy: memberOfDeployment,
    headers: onceAndIfMatch,
    params: deployment,
    query: queries.waiting,
    answers: { 202: "StartedOperation" },
  },
  getDeploymentState: {
    method: "GET",
    path: "/v1/deployments/{id}/state",
    summary: "Say what runs, what does not and why",
    tag: "deployments",
    function: "InspectCluster",
    policy: viewerOfDeployment,
    params: deployment,
    query: queries.liveQuery,
    answers: { 200: "State" },
  },
  listInstances: {
    method: "GET",
    path: "/v1/deployments/{id}/instances",
    summary: "List the instances (pods) of a deployment",
    tag: "deployments",
    function: "InspectCluster",
    policy: viewerOfDeployment,
    params: deployment,
    query: queries.liveQuery,
    answers: { 200: "InstanceList" },
  },
  listConditions: {
    method: "GET",
    path: "/v1/deployments/{id}/conditions",
    summary: "List the transitions of the condition, newest first",
    tag: "deployments",
    function: "ReadRecord",
    policy: viewerOfDeployment,
    params: deployment,
    query: queries.page,
    answers: { 200: "ConditionList" },
  },
  listEvents: {
    method: "GET",
    path: "/v1/deployments/{id}/events",
    summary: "List who or what did what, newest first",
    tag: "deployments",
    function: "ReadRecord",
    policy: viewerOfDeployment,
    params: deployment,
    query: queries.page,
    answers: { 200: "EventList" },
  },
  listRevisions: {
    method: "GET",
    path: "/v1/deployments/{id}/revisions",
    summary: "List the revisions, newest first",
    tag: "deployments",
    function: "ReadRecord",
    policy: viewerOfDeployment,
    params: deployment,
    query: queries.page,
    answers: { 200: "RevisionList" },
  },
  getRevision: {
    method: "GET",
    path: "/v1/deployments/{id}/revisions/{revision}",
    summary: "Get one revision",
    tag: "deployments",
    function: "ReadRecord",
    policy: viewerOfDeployment,
    params: revision,
    query: queries.none,
    answers: { 200: "Revision" },
  },
  listOperations: {
    method: "GET",
    path: "/v1/deployments/{id}/operations",
    summary: "List the operations of a deployment, newest first",
    tag: "operations",
    function: "ReadRecord",
    policy: viewerOfDeployment,
    params: deployment,
    query: queries.page,
    answers: { 200: "OperationList" },
  },
  getOperation: {
    method: "GET",
    path: "/v1/operations/{id}",
    summary: "Get an operation with its steps, outcome and evidence",
    tag: "operations",
    function: "ReadRecord",
    policy: { role: "viewer", of: "operation" },
    params: operation,
    query: queries.waiting,
    answers: { 200: "Operation" },
  },
  listModels: {
    method: "GET",
    path: "/v1/models",
    summary: "List the models of your groups",
    tag: "models",
    function: "ReadRecord",
    policy: signedIn,
    params: nothing,
    query: queries.modelList,
    answers: { 200: "ModelList" },
  },
  createModel: {
    method: "POST",
    path: "/v1/models",
    summary: "Create a model, which versions are then registered under",
    tag: "models",
    function: "ChangeRecord",
    policy: { role: "member", of: "body" },
    headers: once,
    params: nothing,
    query: queries.none,
    body: createModelBody,
    answers: { 201: "Model" },
  },
  getModel: {
    method: "GET",
    path: "/v1/models/{group}/{name}",
    summary: "Get a model",
    tag: "models",
    function: "ReadRecord",
    policy: { role: "viewer", of: "path" },
    params: model,
    query: queries.none,
    answers: { 200: "Model" },
  },
  listModelVersions: {
    method: "GET",
    path: "/v1/models/{group}/{name}/versions",
    summary: "List the versions of a model, newest first",
    tag: "models",
    function: "ReadRecord",
    policy: { role: "viewer", of: "path" },
    params: model,
    query: queries.page,
    answers: { 200: "ModelVersionList" },
  },
  registerModelVersion: {
    method: "POST",
    path: "/v1/models/{group}/{name}/versions",
    summary: "Register the next version of a model",
    tag: "models",
    function: "ChangeRecord",
    policy: { role: "member", of: "path" },
    headers: once,
    params: model,
    query: queries.none,
    body: registerVersionBody,
    answers: { 201: "ModelVersion" },
  },
  getModelVersion: {
    method: "GET",
    path: "/v1/models/{group}/{name}/versions/{version}",
    summary: "Get one version of a model",
    tag: "models",
    function: "ReadRecord",
    policy: { role: "viewer", of: "path" },
    params: modelVersion,
    query: queries.none,
    answers: { 200: "ModelVersion" },
  },
  listGroups: {
    method: "GET",
    path: "/v1/groups",
    summary: "List the groups you have a role in; a platform admin sees all",
    tag: "groups",
    function: "ReadRecord",
    policy: signedIn,
    params: nothing,
    query: queries.none,
    answers: { 200: "GroupList" },
  },
  getGroup: {
    method: "GET",
    path: "/v1/groups/{name}",
    summary: "Get a group",
    tag: "groups",
    function: "ReadRecord",
    policy: { role: "viewer", of: "path" },
    params: group,
    query: queries.none,
    answers: { 200: "Group" },
  },
  putGroup: {
    method: "PUT",
    path: "/v1/groups/{name}",
    summary: "Make a group known, so that it can own models and deployments",
    tag: "groups",
    function: "ChangeRecord",
    policy: { role: "admin", of: "platform" },
    params: group,
    query: queries.none,
    body: groupBody,
    answers: { 200: "Group" },
  },
  listInstanceTypes: {
    method: "GET",
    path: "/v1/instance-types",
    summary: "List the sizes that a component can run in",
    tag: "catalogue",
    function: "ReadRecord",
    policy: signedIn,
    params: nothing,
    query: queries.none,
    answers: { 200: "InstanceTypeList" },
  },
  listRuntimes: {
    method: "GET",
    path: "/v1/runtimes",
    summary: "List the model servers of the catalogue",
    tag: "catalogue",
    function: "ReadRecord",
    policy: signedIn,
    params: nothing,
    query: queries.none,
    answers: { 200: "RuntimeList" },
  },
  getMe: {
    method: "GET",
    path: "/v1/me",
    summary: "Say who is signed in, and with which roles",
    tag: "service",
    function: "ReadRecord",
    policy: signedIn,
    params: nothing,
    query: queries.none,
    answers: { 200: "Me" },
  },
  getHealth: {
    method: "GET",
    path: "/v1/healthz",
    summary: "Say that the API answers",
    tag: "service",
    function: "DescribeApi",
    policy: anyone,
    params: nothing,
    query: queries.none,
    answers: { 200: "Healthz" },
  },
  getOpenApi: {
    method: "GET",
    path: "/v1/openapi.json",
    summary: "Get this description",
    tag: "service",
    function: "DescribeApi",
    policy: anyone,
    params: nothing,
    query: queries.none,
    answers: { 200: "OpenApi" },
  },
} as const satisfies Record<string, RouteEntry>;

export type OperationId = keyof typeof routeTable;
type Routes = typeof routeTable;

/** Operation ids of one function: `{ [Id in OperationIdOf<"ReadRecord">]: Handler<Id> }` has exactly one handler for each. */
export type OperationIdOf<F extends HttpFunction> = { [Id in OperationId]: Routes[Id]["function"] extends F ? Id : never }[OperationId];

/** What a handler gets, parsed. */
export interface RouteInput<Id extends OperationId> {
  params: z.output<Routes[Id]["params"]>;
  query: z.output<Routes[Id]["query"]>;
  body: Routes[Id] extends { body: infer Body extends z.ZodType } ? z.output<Body> : undefined;
}

/** A route of the list; `signIn` says whether the gateway has to verify a token. */
export interface Route extends RouteEntry {
  operation_id: OperationId;
  signIn: boolean;
}

/** The table as a list, for what walks over all routes. */
export const routes: readonly Route[] = (Object.keys(routeTable) as OperationId[]).map((operation_id) => {
  const entry: RouteEntry = routeTable[operation_id];
  return { operation_id, signIn: !("signIn" in entry.policy), ...entry };
});
