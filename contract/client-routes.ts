import { deploymentReference } from "./grammars.ts";
import { page } from "./list-queries.ts";
import type { RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";

/** Who may ask a private deployment. */
export const clientRoutes = {
  listClients: {
    method: "GET",
    path: "/v1/deployments/{id}/clients",
    summary: "List the clients of a deployment, by name",
    tag: "clients",
    function: "ReadRecord",
    policy: { role: "member", of: "deployment" },
    params: strict({ id: deploymentReference }),
    query: page,
    answers: { 200: "ClientList" },
  },
} as const satisfies Record<string, RouteEntry>;
