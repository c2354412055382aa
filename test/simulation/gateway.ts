import type { KubernetesObject } from "../../domain/kubernetes.ts";
import type { ProxyAnswer, ProxyRequest } from "../../lambdas/ports/cluster.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";
import type { Time } from "./time.ts";
import type { Conditions } from "./world.ts";

export interface Backend {
  name: string;
  weight: number;
}

/** What the gateway goes by from a moment on; no route: it answers that there is none. */
interface RouteState {
  from: number;
  route: KubernetesObject | undefined;
}

interface Rule {
  filters?: { type: string; responseHeaderModifier?: { set: { name: string; value: string }[] } }[];
  backendRefs?: Backend[];
}

/**
 * A gateway with a data plane of several replicas: each takes over a change of the one route within `lag`, the one that
 * is asked by probes in half of it. Until then the old route is as live as the new one.
 */
export class Gateway {
  /** Milliseconds. */
  lag: number;
  private readonly refusesUntil: number;
  private readonly states: RouteState[];
  private readonly cluster: SimulatedCluster;
  private readonly time: Time;

  constructor(cluster: SimulatedCluster, time: Time, { lag, pace }: Pick<Conditions, "lag" | "pace">) {
    this.cluster = cluster;
    this.time = time;
    this.lag = lag;
    this.refusesUntil = time.now() + pace.refuse * 1000;
    if (pace.refuse > 0) time.after(pace.refuse * 1000, () => this.acceptLate());
    this.states = [{ from: Number.NEGATIVE_INFINITY, route: cluster.all("HTTPRoute")[0] }];
    cluster.listeners.push((kind, before, after) => {
      if (kind !== "HTTPRoute") return;
      if (after && after.spec !== before?.spec) this.judge(after);
      if (after?.spec !== before?.spec && !(after && this.isRefusing())) this.states.push({ from: time.now(), route: after });
    });
  }

  private isRefusing = (): boolean => this.time.now() < this.refusesUntil;

  private acceptLate(): void {
    const [route] = this.cluster.all("HTTPRoute");
    if (!route) return;
    this.judge(route);
    this.states.push({ from: this.time.now(), route });
  }

  /** The controller's part: at once, and for this generation. */
  private judge(route: KubernetesObject): void {
    const isRefused = this.isRefusing();
    const facts = { observedGeneration: route.metadata.generation, message: isRefused ? "no listener takes it" : "accepted" };
    const status = isRefused ? "False" : "True";
    const conditions = ["Accepted", "ResolvedRefs"].map((type) => ({ type, status, reason: type, ...facts }));
    const [parentRef] = (route.spec as { parentRefs: object[] }).parentRefs;
    this.cluster.put({ ...route, status: { parents: [{ parentRef, controllerName: "slipway.dev/simulated", conditions }] } });
  }

  /** Every state that some replica may go by now. */
  live(): Backend[][] {
    const earliest = this.time.now() - this.lag;
    while ((this.states[1]?.from ?? Number.POSITIVE_INFINITY) <= earliest) this.states.shift();
    return this.states.map(({ route }) => backendsOf(route));
  }

  /** Percent of the traffic that a Service has by the newest state. */
  shareOf(service: string): number {
    return backendsOf(this.states.at(-1)?.route).find(({ name }) => name === service)?.weight ?? 0;
  }

  answer({ path }: ProxyRequest): Omit<ProxyAnswer, "latency_ms"> {
    const probed = this.time.now() - this.lag / 2;
    const state = this.states.findLast(({ from }) => from <= probed) ?? this.states[0];
    const rule = path.startsWith("/endpoints/") ? ruleOf(state?.route) : undefined;
    if (!rule) return { status: 404, headers: {}, body: "no route" };
    if (backendsOf(state?.route).length === 0) return { status: 500, headers: {}, body: "no backend" };
    const set = rule.filters?.find(({ type }) => type === "ResponseHeaderModifier")?.responseHeaderModifier?.set ?? [];
    return { status: 200, headers: Object.fromEntries(set.map(({ name, value }) => [name.toLowerCase(), value])), body: "{}" };
  }
}

const ruleOf = (route: KubernetesObject | undefined): Rule | undefined => (route?.spec as { rules?: Rule[] } | undefined)?.rules?.[0];

export const backendsOf = (route: KubernetesObject | undefined): Backend[] =>
  (ruleOf(route)?.backendRefs ?? []).filter(({ weight }) => weight > 0);
