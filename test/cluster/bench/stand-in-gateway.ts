import { routeHeader } from "../../../domain/manifests/route.ts";
import type { Cluster, ProxyAnswer, ProxyTarget } from "../../../lambdas/ports/cluster.ts";
import type { Any, ApiClient } from "../support/api-client.ts";
import { followAll } from "./follow-all.ts";

const routes = "/apis/gateway.networking.k8s.io/v1/httproutes";

/**
 * In place of a gateway and of servers, neither of which a KWOK node has: every route is accepted as soon as it is seen,
 * and answers by its newest state; every server says that it is ready. It asks as the administrator, so that nothing of
 * it counts as the product's.
 */
export class StandInGateway {
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
