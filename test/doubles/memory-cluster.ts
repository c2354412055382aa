import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { epochAnnotation } from "../../domain/names.ts";
import {
  beginningAnnotation,
  type Cluster,
  KubernetesError,
  type LogOptions,
  type PodProxyTarget,
  type ProxyAnswer,
  type ProxyRequest,
  type ProxyTarget,
  type Scope,
  type WatchEvent,
} from "../../lambdas/ports/cluster.ts";

type Answer = Omit<ProxyAnswer, "latency_ms" | "headers"> & { headers?: Record<string, string> };
type Backend = (request: ProxyRequest, target: ProxyTarget) => Answer | Promise<Answer>;
// biome-ignore lint/suspicious/noExplicitAny: the double keeps what the API keeps, whatever its kind
type Any = any;

/**
 * A cluster in memory: it keeps the API's rules (unique names, resource versions, generations, uid preconditions,
 * selectors, watches from a version) and none of its behaviour: what controllers would do, a test does by hand.
 * Its gateway accepts every route at once and answers by it, unless told otherwise.
 */
export class MemoryCluster implements Cluster {
  readonly objects = new Map<string, KubernetesObject>();
  /** Every mutating call, as `create Deployment name`. */
  readonly mutations: string[] = [];
  /** By Service name, or pod name. The gateway's own Service answers by the routes unless it is set here. */
  readonly backends = new Map<string, Backend>();
  /** By `pod/container`, and `pod/container/previous`. */
  readonly logs = new Map<string, string>();
  /** How a gateway answers for routes: null accepts, text refuses with that message, undefined says nothing. */
  gatewayRefuses: string | null | undefined = null;
  /** Requests through the gateway that are still answered by the route as it was before its last change. */
  gatewayLag = 0;
  gatewayIsDown = false;
  /** What it says to whoever asks whether somebody may do something. */
  allows = true;
  /** Whether a watch may begin with what there is. */
  tellsBeginnings = true;
  private version = 1000;
  private readonly history: { version: number; kind: Kind; event: WatchEvent<KubernetesObject>; previous: KubernetesObject | undefined }[] =
    [];
  private waiting = new Set<() => void>();
  private readonly formerRoutes = new Map<string, KubernetesObject>();

  async create<T extends KubernetesObject>(given: T): Promise<T> {
    if (given.kind === "SubjectAccessReview") return { ...given, status: { allowed: this.allows } };
    const kind = given.kind as Kind;
    const { name = "", namespace = null } = given.metadata;
    this.mutations.push(`create ${kind} ${name}`);
    if (this.objects.has(key(kind, namespace, name))) throw new KubernetesError(409, "AlreadyExists", `${kind} "${name}" already exists`);
    if (namespace !== null && !this.objects.has(key("Namespace", null, namespace)))
      throw new KubernetesError(404, "NotFound", `namespaces "${namespace}" not found`);
    const object = structuredClone(given);
    Object.assign(object.metadata, { uid: `uid-${this.version}`, generation: 1, creationTimestamp: "2026-11-21T09:12:03Z" });
    return this.keep(kind, object, "ADDED") as T;
  }

  async get<T extends KubernetesObject>(kind: Kind, namespace: string | null, name: string): Promise<T | undefined> {
    if (kind === "Secret") throw new KubernetesError(403, "Forbidden", "secrets is forbidden: nobody reads Secrets");
    return structuredClone(this.objects.get(key(kind, namespace, name))) as T | undefined;
  }

  async list<T extends KubernetesObject>(
    kind: Kind,
    scope: Scope,
    keep: (object: T) => T = (object) => object,
  ): Promise<{ items: T[]; resource_version: string }> {
    if (kind === "Secret") throw new KubernetesError(403, "Forbidden", "secrets is forbidden: nobody reads Secrets");
    const items = [...this.objects.values()].filter((object) => object.kind === kind && within(object, scope));
    return { items: (structuredClone(items) as T[]).map(keep), resource_version: String(this.version) };
  }

  async patch<T extends KubernetesObject>(kind: Kind, namespace: string | null, name: string, mergePatch: object): Promise<T> {
    this.mutations.push(`patch ${kind} ${name}`);
    const before = this.objects.get(key(kind, namespace, name));
    if (!before) throw new KubernetesError(404, "NotFound", `${kind} "${name}" not found`);
    const { resourceVersion } = (mergePatch as Partial<KubernetesObject>).metadata ?? {};
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion)
      throw new KubernetesError(409, "Conflict", `Operation cannot be fulfilled on ${kind} "${name}": the object has been modified`);
    if (kind === "HTTPRoute") this.formerRoutes.set(name, before);
    const after = merged(structuredClone(before), mergePatch) as KubernetesObject;
    const specChanged = JSON.stringify(before.spec) !== JSON.stringify(after.spec);
    after.metadata.generation = (before.metadata.generation ?? 1) + (specChanged ? 1 : 0);
    return this.keep(kind, after, "MODIFIED") as T;
  }

  async remove(...[kind, namespace, name, uid, _graceSeconds, resourceVersion]: Parameters<Cluster["remove"]>): Promise<void> {
    this.mutations.push(`remove ${kind} ${name}`);
    const found = this.objects.get(key(kind, namespace, name));
    if (resourceVersion !== undefined && found?.metadata.resourceVersion !== resourceVersion) return;
    if (!found || (uid !== null && found.metadata.uid !== uid)) return;
    this.drop(found);
  }

  /** With what it owns: Kubernetes' garbage collector, at once. */
  protected drop(object: KubernetesObject): void {
    const { namespace = null, name = "", uid } = object.metadata;
    if (!this.objects.delete(key(object.kind as Kind, namespace, name))) return;
    this.note(object.kind as Kind, "DELETED", object);
    for (const each of [...this.objects.values()]) {
      const owners = each.metadata.ownerReferences as { uid: string }[] | undefined;
      if (owners?.some((owner) => owner.uid === uid)) this.drop(each);
    }
  }

  async *watch<T extends KubernetesObject>(
    kind: Kind,
    scope: Scope,
    resourceVersion: string | null,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    if (resourceVersion === null) {
      if (!this.tellsBeginnings) throw new KubernetesError(422, "Invalid", "sendInitialEvents is forbidden for watch");
      const { items, resource_version } = await this.list<T>(kind, scope);
      yield* items.map((object) => ({ type: "ADDED" as const, object }));
      yield beginningTold<T>(kind, resource_version);
      return yield* this.watch<T>(kind, scope, resource_version, signal);
    }
    let position = this.history.findIndex(({ version }) => version > Number(resourceVersion));
    if (position < 0) position = this.history.length;
    while (!signal.aborted) {
      const noted = this.history[position];
      if (!noted) await this.nextChange(signal);
      else {
        position += 1;
        if (noted.event.type === "BOOKMARK") yield structuredClone(noted.event) as WatchEvent<T>;
        else if (noted.kind === kind && within(noted.event.object, scope)) yield structuredClone(noted.event) as WatchEvent<T>;
        // What matches no more is gone for whoever watches.
        else if (noted.kind === kind && noted.previous && within(noted.previous, scope))
          yield { type: "DELETED", object: structuredClone(noted.previous) as T };
      }
    }
  }

  async podLog(_namespace: string, pod: string, options: LogOptions): Promise<string> {
    const text = this.logs.get([pod, options.container, ...(options.previous ? ["previous"] : [])].join("/"));
    if (text === undefined)
      throw new KubernetesError(400, "BadRequest", `container "${options.container}" in pod "${pod}" has no such log`);
    return text;
  }

  async *streamLog(...given: Parameters<Cluster["podLog"]>): AsyncGenerator<string> {
    yield await this.podLog(...given);
  }

  async serviceProxy(target: ProxyTarget, request: ProxyRequest): Promise<ProxyAnswer> {
    const backend =
      this.backends.get(target.service) ?? (target.service.endsWith("gateway") && !this.gatewayIsDown ? this.gateway : undefined);
    if (!backend) throw new KubernetesError(503, "ServiceUnavailable", `no endpoints available for service "${target.service}"`);
    return { headers: {}, latency_ms: 1, ...(await backend(request, target)) };
  }

  /** By the pod's name. */
  async podProxy({ namespace, pod, port }: PodProxyTarget, request: ProxyRequest): Promise<ProxyAnswer> {
    const backend = this.backends.get(pod);
    if (!backend) throw new KubernetesError(404, "NotFound", `pods "${pod}" not found`);
    return { headers: {}, latency_ms: 1, ...(await backend(request, { namespace, service: pod, port })) };
  }

  /** What a controller would write: the object as a whole, by its own name; its version moves on. */
  put(object: KubernetesObject): KubernetesObject {
    const known = this.objects.get(key(object.kind as Kind, object.metadata.namespace ?? null, object.metadata.name ?? ""));
    object.metadata.uid ??= known?.metadata.uid ?? `uid-${this.version}`;
    return this.keep(object.kind as Kind, structuredClone(object), known ? "MODIFIED" : "ADDED");
  }

  /** As an API server sends it to every watch each minute. */
  bookmark(): void {
    this.note("Pod", "BOOKMARK", { apiVersion: "v1", kind: "Pod", metadata: {} });
  }

  named(kind: Kind): string[] {
    return [...this.objects.values()].filter((object) => object.kind === kind).map((object) => object.metadata.name as string);
  }

  /** What the label, annotation and filter of the one route say: what tests of traffic look at. */
  route(): { epoch: string | undefined; backends: { name: string; weight: number }[] } | undefined {
    const found = [...this.objects.values()].find(({ kind }) => kind === "HTTPRoute") as Any;
    if (!found) return undefined;
    const backends = (found.spec.rules[0]?.backendRefs ?? []).map(({ name, weight }: Any) => ({ name, weight }));
    return { epoch: found.metadata.annotations?.[epochAnnotation], backends };
  }

  private readonly gateway: Backend = ({ path, headers }) => {
    const routes = [...this.objects.values()].filter(({ kind }) => kind === "HTTPRoute");
    for (const current of routes) {
      const lagging = this.gatewayLag > 0 ? this.formerRoutes.get(current.metadata.name as string) : undefined;
      for (const rule of ((lagging ?? current) as Any).spec.rules) {
        if (!matchesRule(rule, path, headers ?? {})) continue;
        if (lagging) this.gatewayLag -= 1;
        const set = rule.filters?.find((filter: Any) => filter.type === "ResponseHeaderModifier")?.responseHeaderModifier.set ?? [];
        const answered = Object.fromEntries(set.map(({ name, value }: Any) => [name.toLowerCase(), value]));
        const serves = (rule.backendRefs ?? []).some((backend: Any) => (backend.weight ?? 1) > 0);
        return serves ? { status: 200, headers: answered, body: "{}" } : { status: 500, headers: {}, body: "no backend" };
      }
    }
    return { status: 404, headers: {}, body: "no route" };
  };

  private keep(kind: Kind, object: KubernetesObject, type: "ADDED" | "MODIFIED"): KubernetesObject {
    if (kind === "HTTPRoute") this.judgeRoute(object as Any);
    this.note(kind, type, object, this.objects.get(key(kind, object.metadata.namespace ?? null, object.metadata.name ?? "")));
    this.objects.set(key(kind, object.metadata.namespace ?? null, object.metadata.name ?? ""), object);
    return structuredClone(object);
  }

  private judgeRoute(route: Any): void {
    if (this.gatewayRefuses === undefined) return;
    const accepted = this.gatewayRefuses === null;
    const facts = { observedGeneration: route.metadata.generation, message: this.gatewayRefuses ?? "accepted" };
    const conditions = [
      { type: "Accepted", status: accepted ? "True" : "False", reason: accepted ? "Accepted" : "NotAllowedByListeners", ...facts },
      { type: "ResolvedRefs", status: "True", reason: "ResolvedRefs", ...facts },
    ];
    route.status = { parents: [{ parentRef: route.spec.parentRefs[0], controllerName: "slipway.dev/memory", conditions }] };
  }

  private note(kind: Kind, type: WatchEvent<KubernetesObject>["type"], object: KubernetesObject, previous?: KubernetesObject): void {
    this.version += 1;
    object.metadata.resourceVersion = String(this.version);
    this.history.push({ version: this.version, kind, event: structuredClone({ type, object }), previous });
    for (const wake of this.waiting) wake();
  }

  private nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.waiting.add(done);
      signal.addEventListener("abort", done);
      if (signal.aborted) done();
    });
  }
}

/** After what there is, in a watch from the beginning. */
export const beginningTold = <T extends KubernetesObject>(kind: Kind, resourceVersion: string): WatchEvent<T> => ({
  type: "BOOKMARK",
  object: { kind, apiVersion: "", metadata: { resourceVersion, annotations: { [beginningAnnotation]: "true" } } } as unknown as T,
});

const key = (kind: Kind, namespace: string | null, name: string) => `${kind}/${namespace ?? ""}/${name}`;

function within(object: KubernetesObject, { namespace, labels: wanted = {}, fields }: Scope): boolean {
  const [, notAbout] = /^involvedObject\.kind!=(\w+)$/.exec(fields ?? "") ?? [];
  if (fields && !notAbout) throw new Error(`the cluster in memory knows events without those about one kind; given: ${fields}`);
  if (notAbout && (object.involvedObject as { kind?: string } | undefined)?.kind === notAbout) return false;
  const own = object.metadata.labels ?? {};
  return (
    (namespace === null || object.metadata.namespace === namespace) && Object.entries(wanted).every(([name, value]) => own[name] === value)
  );
}

function matchesRule(rule: Any, path: string, given: Record<string, string>): boolean {
  const lower = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  return (rule.matches ?? []).some((match: Any) => {
    const prefix: string = match.path?.value ?? "/";
    const fits = path === prefix || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}?`);
    return fits && (match.headers ?? []).every(({ name, value }: Any) => lower[name.toLowerCase()] === value);
  });
}

/** RFC 7386. */
function merged(target: Any, patch: Any): Any {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const result = target !== null && typeof target === "object" && !Array.isArray(target) ? target : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = merged(result[field], value);
  }
  return result;
}
