import { clientName, newClient, rotation } from "./clients.ts";
import { deploymentReference } from "./grammars.ts";
import * as queries from "./queries.ts";
import type { RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";

const ofDeployment = {
  tag: "clients",
  function: "ChangeRecord",
  policy: { role: "member", of: "deployment" },
  query: queries.none,
} as const;
const client = strict({ id: deploymentReference, name: clientName });

/** Routes that give tokens and take them away. */
export const clientChangeRoutes = {
  addClient: {
    ...ofDeployment,
    method: "POST",
    path: "/v1/deployments/{id}/clients",
    summary: "Add a client; its token is in this answer and in no other, also not in that to a repetition by the same Idempotency-Key",
    headers: ["Idempotency-Key", "If-Match"],
    params: strict({ id: deploymentReference }),
    body: newClient,
    answers: { 201: "IssuedClient" },
  },
  rotateClient: {
    ...ofDeployment,
    method: "POST",
    path: "/v1/deployments/{id}/clients/{name}/rotate",
    summary: "Give a client another token, shown once; those until now work until the overlap is over",
    headers: ["Idempotency-Key", "If-Match"],
    params: client,
    body: rotation,
    answers: { 200: "IssuedClient" },
  },
  removeClient: {
    ...ofDeployment,
    method: "DELETE",
    path: "/v1/deployments/{id}/clients/{name}",
    summary: "Remove a client; its tokens are worth nothing from then on",
    headers: ["If-Match"],
    params: client,
    answers: { 204: null },
  },
} as const satisfies Record<string, RouteEntry>;
