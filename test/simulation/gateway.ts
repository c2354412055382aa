import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { endpointPath } from "../../domain/manifests/route.ts";
import { labels } from "../../domain/names.ts";
import type { ProxyAnswer, ProxyRequest } from "../../lambdas/ports/cluster.ts";
import type { Conditions } from "./conditions.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";
import type { Time } from "./time.ts";

export interface Backend {
  name: string;
  weight: number;
}

/** What the gateway goes by from a moment on; no route: it answers that there is none. */
interface RouteState {
  from: number;
  route: KubernetesObject | undefined;
}

/** What some replica may go by now, for the deployment of that uid. */
export interface LiveRoute {
  uid: string;
  backends: Backend[];
}

interface Rule {
  matches?: { path: { value: string } }[];
  filters?: { type: string; responseHeaderModifier?: { set: { name: string; value: string }[] } }[];
  backendRefs?: Backend[];
}

/**
 * A gateway with a data plane of several replicas: each takes over a change of a route within `lag`, the one that is
 * asked by probes in half of it. Until then the old route is as live as the new one.
 */
export class Gateway {
  /** Milliseconds. */
  lag: number;
  private readonly refusesUntil: number;
  /** By the uid of the deployment whose route it is. */
  private readonly states = new Map<string, RouteState[]>();
  /** Services whose instances it has not heard of. */
  private readonly unheard = new Set<string>();
  private blindUntil = Number.NEGATIVE_INFINITY;
  private readonly cluster: SimulatedCluster;
  private readonly time: Time;

  constructor(cluster: SimulatedCluster, time: Time, { lag, pace }: Pick<Conditions, "lag" | "pace">) {
    this.cluster = cluster;
    this.time = time;
    this.lag = lag;
    this.refusesUntil = time.now() + pace.refuse * 1000;
    if (pace.refuse > 0) time.after(pace.refuse * 1000, () => this.acceptLate());
    for (const route of cluster.all("HTTPRoute")) this.statesOf(route).push({ from: Number.NEGATIVE_INFINITY, route });
    cluster.listeners.push((kind, before, after) => {
      if (kind === "EndpointSlice") this.noteInstances(before, after);
      if (kind !== "HTTPRoute") return;
      if (after && after.spec !== before?.spec) this.judge(after);
      if (after?.spec === before?.spec || (after && this.isRefusing())) return;
      this.statesOf((after ?? before) as KubernetesObject).push({ from: time.now(), route: after });
    });
  }

  /** Whoever is ready from now on gets requests later: those in between are answered 503. */
  hearNothingOfInstances(milliseconds: number): void {
    this.blindUntil = this.time.now() + milliseconds;
    this.time.after(milliseconds, () => this.unheard.clear());
  }

  private noteInstances(before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    const service = after?.metadata.labels?.["kubernetes.io/service-name"];
    if (service && this.time.now() < this.blindUntil && endpointsIn(before) === 0 && endpointsIn(after) > 0) this.unheard.add(service);
  }

  knowsInstancesOf = (service: string): boolean => !this.unheard.has(service);

  /** Until the first is taken over there is no route. */
  private statesOf(route: KubernetesObject): RouteState[] {
    const uid = route.metadata.labels?.[labels.uid] ?? "";
    const states = this.states.get(uid) ?? [{ from: Number.NEGATIVE_INFINITY, route: undefined }];
    this.states.set(uid, states);
    return states;
  }

  private isRefusing = (): boolean => this.time.now() < this.refusesUntil;

  private acceptLate(): void {
    for (const route of this.cluster.all("HTTPRoute")) {
      this.judge(route);
      this.statesOf(route).push({ from: this.time.now(), route });
    }
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

  /** Every state that some replica may go by now, of every route. */
  live(): LiveRoute[] {
    const earliest = this.time.now() - this.lag;
    return [...this.states].flatMap(([uid, states]) => {
      while ((states[1]?.from ?? Number.POSITIVE_INFINITY) <= earliest) states.shift();
      return states.map(({ route }) => ({ uid, backends: backendsOf(route) }));
    });
  }

  /** Percent of the traffic that a Service has by the newest state. */
  shareOf(service: string): number {
    for (const states of this.states.values()) {
      const found = backendsOf(states.at(-1)?.route).find(({ name }) => name === service);
      if (found) return found.weight;
    }
    return 0;
  }

  /** As the replica knows it that is asked by probes. */
  private routeFor(path: string): KubernetesObject | undefined {
    const probed = this.time.now() - this.lag / 2;
    const known = [...this.states.values()].map((states) => (states.findLast(({ from }) => from <= probed) ?? states[0])?.route);
    return known.find((route) => isFor(path, route));
  }

  answer({ path }: ProxyRequest): Omit<ProxyAnswer, "latency_ms"> {
    const route = this.routeFor(path);
    const rule = ruleOf(route);
    if (!rule) return { status: 404, headers: {}, body: "no route" };
    if (backendsOf(route).length === 0) return { status: 500, headers: {}, body: "no backend" };
    const set = rule.filters?.find(({ type }) => type === "ResponseHeaderModifier")?.responseHeaderModifier?.set ?? [];
    return { status: 200, headers: Object.fromEntries(set.map(({ name, value }) => [name.toLowerCase(), value])), body: "{}" };
  }
}

const endpointsIn = (slice: KubernetesObject | undefined): number =>
  (slice as { endpoints?: unknown[] } | undefined)?.endpoints?.length ?? 0;

/** By the one path that a route matches. */
const isFor = (path: string, route: KubernetesObject | undefined): boolean =>
  `${path}/`.startsWith(`${ruleOf(route)?.matches?.[0]?.path.value ?? endpointPath("")}/`);

const ruleOf = (route: KubernetesObject | undefined): Rule | undefined => (route?.spec as { rules?: Rule[] } | undefined)?.rules?.[0];

export const backendsOf = (route: KubernetesObject | undefined): Backend[] =>
  (ruleOf(route)?.backendRefs ?? []).filter(({ weight }) => weight > 0);
