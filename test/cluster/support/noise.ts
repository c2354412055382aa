import type { Any, ApiClient } from "./api-client.ts";
import { gatewayPlace } from "./cluster-info.ts";

const pauseMs = 300;
const name = "noise";

/** Another route of the same gateway that changes again and again: gateways apply all changes together, and late. */
export async function startNoise(api: ApiClient, routes: string): Promise<{ end(): Promise<number> }> {
  await api.make(routes, { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name }, spec: specOf(0) });
  // One that no gateway takes up would disturb nobody.
  await api.until(routes, name, ({ status }) => isAccepted(status));
  let changes = 0;
  let ends = false;
  const changing = (async () => {
    while (!ends) {
      changes += 1;
      await api.patch(`${routes}/${name}`, { spec: specOf(changes) });
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })();
  return {
    end: async () => {
      ends = true;
      await changing;
      return changes;
    },
  };
}

const isAccepted = (status: Any): boolean =>
  status?.parents?.some(({ conditions = [] }: Any) => conditions.some((each: Any) => each.type === "Accepted" && each.status === "True"));

function specOf(change: number): object {
  const header = { set: [{ name: "x-change", value: String(change) }] };
  const filters = [{ type: "ResponseHeaderModifier", responseHeaderModifier: header }];
  const matches = [{ path: { type: "PathPrefix", value: `/${name}` } }];
  return { parentRefs: [gatewayPlace], rules: [{ matches, filters, backendRefs: [] }] };
}
