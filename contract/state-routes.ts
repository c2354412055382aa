import { flag } from "./flag.ts";
import { deploymentReference } from "./grammars.ts";
import type { RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";

/** Routes that may look into a cluster. */

const deployment = strict({ id: deploymentReference });
/** `live=true` reads the cluster now. */
export const liveQuery = strict({ live: flag });

const viewerOfDeployment = { role: "viewer", of: "deployment" } as const;

export const stateRoutes = {
  getDeploymentState: {
    method: "GET",
    path: "/v1/deployments/{id}/state",
    summary: "Say what runs, what does not and why",
    tag: "deployments",
    function: "InspectCluster",
    policy: viewerOfDeployment,
    params: deployment,
    query: liveQuery,
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
    query: liveQuery,
    answers: { 200: "InstanceList" },
  },
} as const satisfies Record<string, RouteEntry>;
