import { routeHeader } from "../../../domain/manifests/route.ts";
import type { Cluster, ProxyAnswer, ProxyTarget } from "../../../lambdas/ports/cluster.ts";
import type { Any, ApiClient } from "../support/api-client.ts";

const routes = "/apis/gateway.networking.k8s.io/v1/httproutes";

/**
 * In place of a gateway and of servers, neither of which a KWOK node has: every route is accepted as soon as it is seen,
 * and answers by its newest state; every server says that it is ready. It asks as the administrator, so that nothing of
 * it counts as the product's.
 */
export class StandInGateway {
  /** When each route was first seen to have a backend at the front, in `performance.now()`: `namespace/route backend`. */
  readonly moved = new Map<string, number>();
  private readonly answers = new Map<string, string>();
  private readonly api: ApiClient;
  private readonly end = new AbortController();

  constructor(api: ApiClient) {
    this.api = api;
  }

  async start(): Promise<void> {
    await followAll(this.api, routes, (route) => this.see(route), this.end.signal);
  }
  stop(): void {
    this.end.abort();
  }

  /** The cluster, whose Services answer from here. */
  behind(cluster: Cluster): Cluster {
    return { ...cluster, serviceProxy: async (target, { path }) => this.answer(target, path) };
  }

  private see({ metadata: { namespace, name, generation }, spec, status }: Any): void {
    const [rule] = spec.rules;
    const [backend] = rule.backendRefs ?? [];
    const key = `${namespace}/${name} ${backend?.name}`;
    if (backend && !this.moved.has(key)) this.moved.set(key, performance.now());
    const set = rule.filters?.flatMap((filter: Any) => filter.responseHeaderModifier?.set ?? []) ?? [];
    const value = set.find((header: Any) => header.name === routeHeader)?.value;
    for (const { path } of rule.matches ?? []) this.answers.set(path.value, value);
    const told = status?.parents?.[0]?.conditions?.[0]?.observedGeneration ?? 0;
    if (told < generation) void this.accept(namespace, name, spec.parentRefs[0], generation);
  }

  private async accept(namespace: string, name: string, parentRef: object, observedGeneration: number): Promise<void> {
    const condition = (type: string) => ({
      ...{ type, status: "True", reason: type, message: "", observedGeneration, lastTransitionTime: new Date().toISOString() },
    });
    const status = {
      parents: [{ parentRef, controllerName: "slipway.dev/bench", conditions: ["Accepted", "ResolvedRefs"].map(condition) }],
    };
    await this.api.patch(`/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/${name}/status`, { status });
  }

  private answer({ service }: ProxyTarget, path: string): ProxyAnswer {
    const of = [...this.answers].find(([prefix]) => path.startsWith(`${prefix}/`));
    const headers: Record<string, string> = service === "slipway-gateway" && of ? { [routeHeader.toLowerCase()]: of[1] } : {};
    return { status: 200, headers, body: JSON.stringify({ name: "none", ready: true }), latency_ms: 1 };
  }
}

/** Shows each object as it is and whenever it changes, until the end; a watch that ends is begun anew from a list. */
export async function followAll(api: ApiClient, path: string, see: (object: Any) => void, end: AbortSignal): Promise<void> {
  const open = async () => {
    const { items, metadata } = (await api.get(path)).body;
    for (const object of items) see(object);
    return api.openWatch(`${path}?resourceVersion=${metadata.resourceVersion}`, end);
  };
  const follow = async (first: AsyncGenerator<{ type: string; object: Any }>) => {
    for (let events = first; ; events = await open()) {
      for await (const { type, object } of events) if (type === "ADDED" || type === "MODIFIED") see(object);
    }
  };
  void follow(await open()).catch((error) => {
    if (!end.aborted) throw error;
  });
}
