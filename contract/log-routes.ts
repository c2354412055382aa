import { deploymentReference, ulid } from "./grammars.ts";
import { logExportBody, logsQuery } from "./log-queries.ts";
import { none } from "./queries.ts";
import type { RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";

/** Routes of what deployments have written. */

const deployment = strict({ id: deploymentReference });
const viewerOfDeployment = { role: "viewer", of: "deployment" } as const;

export const logRoutes = {
  listLogs: {
    method: "GET",
    path: "/v1/deployments/{id}/logs",
    summary: "Read what the containers of a deployment have written, several instances by time",
    tag: "logs",
    function: "ReadLogs",
    policy: viewerOfDeployment,
    params: deployment,
    query: logsQuery,
    plain_text: true,
    answers: { 200: "LogPage", 202: "LogSearch" },
  },
  createLogExport: {
    method: "POST",
    path: "/v1/deployments/{id}/logs/exports",
    summary: "Write all that was collected of a deployment's logs into a file",
    tag: "logs",
    function: "ReadLogs",
    policy: viewerOfDeployment,
    headers: ["Idempotency-Key"],
    params: deployment,
    query: none,
    body: logExportBody,
    answers: { 202: "LogExport" },
  },
  getLogExport: {
    method: "GET",
    path: "/v1/deployments/{id}/logs/exports/{export}",
    summary: "Say what an export has come to, with a link to the file that expires",
    tag: "logs",
    function: "ReadLogs",
    policy: viewerOfDeployment,
    params: strict({ id: deploymentReference, export: ulid }),
    query: none,
    answers: { 200: "LogExport" },
  },
} as const satisfies Record<string, RouteEntry>;
