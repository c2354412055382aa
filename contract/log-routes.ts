import { deploymentReference } from "./grammars.ts";
import { logsQuery } from "./log-queries.ts";
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
} as const satisfies Record<string, RouteEntry>;
