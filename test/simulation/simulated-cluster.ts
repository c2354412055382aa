import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import {
  type Cluster,
  KubernetesError,
  type PodProxyTarget,
  type ProxyAnswer,
  type ProxyRequest,
  type ProxyTarget,
  type Scope,
  type WatchEvent,
} from "../../lambdas/ports/cluster.ts";
import { beginningTold } from "../doubles/memory-cluster.ts";
import { copy, frozen } from "./copy.ts";

type Watched = { version: number; event: WatchEvent<KubernetesObject> };
/** Told of every change, at once: before is undefined for what was made, after for what was removed. */
export type Listener = (kind: Kind, before: KubernetesObject | undefined, after: KubernetesObject | undefined) => void;
export type Answering = (target: ProxyTarget, request: ProxyRequest) => Omit<ProxyAnswer, "latency_ms">;

/**
 * The rules of the Kubernetes API in memory, as MemoryCluster has them, with objects that are never changed once they
 * are stored: nothing has to be copied when it is read, and a whole cluster is copied by copying its list.
 */
export class SimulatedCluster implements Cluster {
  readonly objects: Map<string, KubernetesObject>;
  readonly listeners: Listener[] = [];
  /** Who answers through the API server's proxy. */
  answering: Answering = (target) => {
    throw new KubernetesError(503, "ServiceUnavailable", `no endpoints available for service "${target.service}"`);
  };
  /** For each watch: what it makes of an event, which is the event, several, or none. */
  delivering: () => (event: WatchEvent<KubernetesObject>) => WatchEvent<KubernetesObject>[] = () => (event) => [event];
  private version: number;
  private readonly watching = new Set<(awayMilliseconds: number) => void>();
  private readonly logs = new Map<Kind, Watched[]>();
  private readonly waiting = new Map<Kind, Set<() => void>>();

  constructor(origin?: SimulatedCluster) {
    this.objects = new Map(origin?.objects);
    this.version = origin?.version ?? 1000;
  }

  async create<T extends KubernetesObject>(given: T): Promise<T> {
    const kind = given.kind as Kind;
    const { name = "", namespace = null } = given.metadata;
    if (this.objects.has(keyOf(kind, namespace, name))) throw new KubernetesError(409, "AlreadyExists", `${kind} "${name}" already exists`);
    if (namespace !== null && !this.objects.has(keyOf("Namespace", null, namespace)))
      throw new KubernetesError(404, "NotFound", `namespaces "${namespace}" not found`);
    const metadata = { ...given.metadata, uid: `uid-${this.version}`, generation: 1, creationTimestamp: "2026-11-21T09:12:03Z" };
    return this.keep({ ...copy(given), metadata }) as T;
  }

  async get<T extends KubernetesObject>(kind: Kind, namespace: string | null, name: string): Promise<T | undefined> {
    if (kind === "Secret") throw new KubernetesError(403, "Forbidden", "secrets is forbidden: nobody reads Secrets");
    return this.find(kind, namespace, name) as T | undefined;
  }

  async list<T extends KubernetesObject>(kind: Kind, scope: Scope): Promise<{ items: T[]; resource_version: string }> {
    if (kind === "Secret") throw new KubernetesError(403, "Forbidden", "secrets is forbidden: nobody reads Secrets");
    return { items: this.all(kind).filter((object) => within(object, scope)) as T[], resource_version: String(this.version) };
  }

  async patch<T extends KubernetesObject>(kind: Kind, namespace: string | null, name: string, mergePatch: object): Promise<T> {
    const before = this.find(kind, namespace, name);
    if (!before) throw new KubernetesError(404, "NotFound", `${kind} "${name}" not found`);
    const { resourceVersion } = (mergePatch as Partial<KubernetesObject>).metadata ?? {};
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion)
      throw new KubernetesError(409, "Conflict", `Operation cannot be fulfilled on ${kind} "${name}": the object has been modified`);
    return this.replace(before, merged(before, mergePatch) as KubernetesObject) as T;
  }

  async remove(...[kind, namespace, name, uid, _graceSeconds, resourceVersion]: Parameters<Cluster["remove"]>): Promise<void> {
    const found = this.find(kind, namespace, name);
    if (!found || (uid !== null && found.metadata.uid !== uid)) return;
    if (resourceVersion === undefined || found.metadata.resourceVersion === resourceVersion) this.drop(found);
  }

  async *watch<T extends KubernetesObject>(
    kind: Kind,
    scope: Scope,
    resourceVersion: string | null,
    signal: AbortSignal,
    returned?: (awayMilliseconds: number) => void,
  ): AsyncGenerator<WatchEvent<T>> {
    if (returned) this.watching.add(returned);
    if (resourceVersion === null) {
      const { items, resource_version } = await this.list<T>(kind, scope);
      yield* items.map((object) => ({ type: "ADDED" as const, object }));
      yield beginningTold<T>(kind, resource_version);
      return yield* this.watch<T>(kind, scope, resource_version, signal);
    }
    const log = this.logOf(kind);
    const deliver = this.delivering();
    let position = log.findIndex(({ version }) => version > Number(resourceVersion));
    if (position < 0) position = log.length;
    while (!signal.aborted) {
      const noted = log[position];
      if (!noted) await this.nextChange(kind, signal);
      else {
        position += 1;
        if (within(noted.event.object, scope)) for (const event of deliver(noted.event)) yield event as WatchEvent<T>;
      }
    }
  }

  /** Every watch has outlived that it was away. */
  returned(awayMilliseconds: number): void {
    for (const tell of this.watching) tell(awayMilliseconds);
  }

  async podLog(): Promise<string> {
    return "loading\nno such model\n";
  }

  async *streamLog(): AsyncGenerator<string> {
    yield await this.podLog();
  }

  async serviceProxy(target: ProxyTarget, request: ProxyRequest): Promise<ProxyAnswer> {
    return { ...this.answering(target, request), latency_ms: 1 };
  }

  async podProxy(target: PodProxyTarget): Promise<ProxyAnswer> {
    throw new KubernetesError(404, "NotFound", `pods "${target.pod}" not found`);
  }

  find(kind: Kind, namespace: string | null, name: string): KubernetesObject | undefined {
    return this.objects.get(keyOf(kind, namespace, name));
  }

  all(kind: Kind): KubernetesObject[] {
    const found: KubernetesObject[] = [];
    for (const object of this.objects.values()) if (object.kind === kind) found.push(object);
    return found;
  }

  /** What a controller makes. */
  put(object: KubernetesObject): KubernetesObject {
    const known = this.find(object.kind as Kind, object.metadata.namespace ?? null, object.metadata.name ?? "");
    if (known) return this.replace(known, { ...object, metadata: { ...known.metadata, ...object.metadata } });
    return this.keep({ ...object, metadata: { uid: `uid-${this.version}`, generation: 1, ...object.metadata } });
  }

  drop(object: KubernetesObject): void {
    const { kind, metadata } = object;
    if (this.objects.delete(keyOf(kind as Kind, metadata.namespace ?? null, metadata.name ?? ""))) this.note("DELETED", object, undefined);
  }

  private replace(before: KubernetesObject, after: KubernetesObject): KubernetesObject {
    const generation = (before.metadata.generation ?? 1) + (after.spec === before.spec ? 0 : 1);
    return this.keep({ ...after, metadata: { ...after.metadata, generation } }, before);
  }

  private keep(given: KubernetesObject, before?: KubernetesObject): KubernetesObject {
    this.version += 1;
    const object = frozen({ ...given, metadata: { ...given.metadata, resourceVersion: String(this.version) } });
    this.objects.set(keyOf(object.kind as Kind, object.metadata.namespace ?? null, object.metadata.name ?? ""), object);
    this.note(before ? "MODIFIED" : "ADDED", before, object);
    return object;
  }

  private note(type: "ADDED" | "MODIFIED" | "DELETED", before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    const object = (after ?? before) as KubernetesObject;
    const kind = object.kind as Kind;
    if (!after) this.version += 1;
    this.logOf(kind).push({ version: this.version, event: { type, object } });
    for (const wake of [...(this.waiting.get(kind) ?? [])]) wake();
    for (const listener of this.listeners) listener(kind, before, after);
  }

  private logOf(kind: Kind): Watched[] {
    const log = this.logs.get(kind) ?? [];
    this.logs.set(kind, log);
    return log;
  }

  private nextChange(kind: Kind, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.waiting.get(kind) ?? new Set();
      this.waiting.set(kind, waiting);
      const done = () => {
        waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }
}

const keyOf = (kind: Kind, namespace: string | null, name: string) => `${kind}/${namespace ?? ""}/${name}`;

function within(object: KubernetesObject, { namespace, labels = {} }: Scope): boolean {
  if (namespace !== null && object.metadata.namespace !== namespace) return false;
  const own = object.metadata.labels ?? {};
  for (const name in labels) if (own[name] !== labels[name]) return false;
  return true;
}

type Json = Record<string, unknown>;
const isRecord = (value: unknown): value is Json => value !== null && typeof value === "object" && !Array.isArray(value);

/** RFC 7386, on objects that may not be changed. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Json = isRecord(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = merged(result[field], value);
  }
  return result;
}
