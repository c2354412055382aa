import { getDeployment } from "../operations/get-deployment.ts";
import type { Showing } from "../operations/installation.ts";
import { listDeployments } from "../operations/list-deployments.ts";
import { compareRevisions, getRevision, listConditions, listEvents, listOperations, listRevisions } from "../operations/read-history.ts";
import { cardView, deploymentView } from "./deployment-view.ts";
import type { Handlers } from "./dispatch.ts";
import { operationView } from "./operation-view.ts";

type Routes =
  | "listDeployments"
  | "getDeployment"
  | "listConditions"
  | "listEvents"
  | "listRevisions"
  | "getRevision"
  | "compareRevisions"
  | "listOperations";

export function readDeployments(ports: Showing): Pick<Handlers<"ReadRecord">, Routes> {
  return {
    async listDeployments({ caller, query: { limit, cursor, ...filter } }) {
      const { items, ...page } = await listDeployments(ports, caller, filter, { limit, cursor });
      return { status: 200, body: { items: items.map((card) => cardView(card, ports)), ...page } };
    },
    async getDeployment({ caller, params }) {
      const { head, observed, revision } = await getDeployment(ports, caller, params.id);
      const body = deploymentView(head, observed, revision, ports);
      return { status: 200, headers: { etag: `"${head.version}"` }, body };
    },
    async listConditions({ caller, params, query }) {
      return { status: 200, body: await listConditions(ports, caller, params.id, query) };
    },
    async listEvents({ caller, params, query }) {
      return { status: 200, body: await listEvents(ports, caller, params.id, query) };
    },
    async listRevisions({ caller, params, query }) {
      return { status: 200, body: await listRevisions(ports, caller, params.id, query) };
    },
    async getRevision({ caller, params }) {
      return { status: 200, body: await getRevision(ports, caller, params.id, params.revision) };
    },
    async compareRevisions({ caller, params: { id, a, b } }) {
      return { status: 200, body: { a, b, differences: await compareRevisions(ports, caller, id, a, b) } };
    },
    async listOperations({ caller, params, query }) {
      const { items, ...page } = await listOperations(ports, caller, params.id, query);
      return { status: 200, body: { items: items.map(operationView), ...page } };
    },
  };
}
