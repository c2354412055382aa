import { deploymentReference, ulid } from "./grammars.ts";
import { deploymentList, page } from "./list-queries.ts";
import * as queries from "./queries.ts";
import { noParameters, type RouteEntry, signedIn } from "./route.ts";
import { strict } from "./strict.ts";
import { waiting } from "./waiting.ts";

/** Routes that read deployments and their operations. A function that only reads is not kept waiting for the schemas of a specification. */

const deployment = strict({ id: deploymentReference });
const revision = strict({ id: deploymentReference, revision: queries.digits(1, 999_999) });
const comparison = strict({ id: deploymentReference, a: queries.digits(1, 999_999), b: queries.digits(1, 999_999) });
const operation = strict({ id: ulid });

const viewerOfDeployment = { role: "viewer", of: "deployment" } as const;

export const deploymentRoutes = {
  listDeployments: {
    method: "GET",
    path: "/v1/deployments",
    summary: "List the deployments of your groups, sorted by name",
    tag: "deployments",
    function: "ReadRecord",
    policy: signedIn,
    params: noParameters,
    query: deploymentList,
    answers: { 200: "DeploymentList" },
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
  listConditions: {
    method: "GET",
    path: "/v1/deployments/{id}/conditions",
    summary: "List the transitions of the condition, newest first",
    tag: "deployments",
    function: "ReadRecord",
    policy: viewerOfDeployment,
    params: deployment,
    query: page,
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
    query: page,
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
    query: page,
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
  compareRevisions: {
    method: "GET",
    path: "/v1/deployments/{id}/revisions/{a}/compare/{b}",
    summary: "List every field in which two revisions differ",
    tag: "deployments",
    function: "ReadRecord",
    policy: viewerOfDeployment,
    params: comparison,
    query: queries.none,
    answers: { 200: "Comparison" },
  },
  listOperations: {
    method: "GET",
    path: "/v1/deployments/{id}/operations",
    summary: "List the operations of a deployment, newest first",
    tag: "operations",
    function: "ReadRecord",
    policy: viewerOfDeployment,
    params: deployment,
    query: page,
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
    query: waiting,
    answers: { 200: "Operation" },
  },
} as const satisfies Record<string, RouteEntry>;
