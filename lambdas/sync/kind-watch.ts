import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { labels } from "../../domain/names.ts";
import type { Unseen } from "../../domain/observed.ts";
import { type Cluster, isRefusal, KubernetesError, type Scope } from "../ports/cluster.ts";
import type { Clock, Log } from "../ports/surroundings.ts";
import { trimmed } from "./trimmed.ts";
import { unseenBy } from "./unseen.ts";

/** An API server sends a bookmark each minute at the least: a watch that says nothing for longer may be dead. */
const silenceMilliseconds = 90_000;
/** Should a change have been lost on the way, it is found when all is listed anew. */
const relistMilliseconds = 5 * 60_000;
const longestPauseMilliseconds = 20_000;
/** Roles are changed by people. */
const refusedPauseMilliseconds = 60_000;

interface Following {
  cluster: Cluster;
  clock: Clock;
  log: Log;
  scope: Scope;
  /** Of objects that are kept at all. */
  isOurs?: (object: KubernetesObject) => boolean;
  /** Hears of each object that came, changed or went. */
  onChange(object: KubernetesObject): void;
  stopping: AbortSignal;
  /** Bookmarks come: silence is a fault. Of Events there are none. */
  isSilenceBad?: boolean;
  /** What is seen of other kinds counts without it: a refusal is said, and asked about again. */
  isDispensable?: boolean;
}

/**
 * One kind of object, listed and then watched for as long as it takes. Whatever ends a watch (a version that is too old,
 * an API server that is gone or silent, five minutes) it lists again and goes on: it never gives up.
 */
export class WatchedKind {
  private readonly kept = new Map<string, KubernetesObject>();
  private readonly byDeployment = new Map<string, Set<KubernetesObject>>();
  private readonly kind: Kind;
  private readonly following: Following;
  private version: string | undefined;
  private listedAt = 0;
  private heardAt = 0;
  private refusal: Unseen | undefined;

  constructor(kind: Kind, following: Following) {
    this.kind = kind;
    this.following = following;
  }

  objects(): KubernetesObject[] {
    return [...this.kept.values()];
  }

  /** Those that carry the label of one deployment. */
  of(uid: string): KubernetesObject[] {
    return [...(this.byDeployment.get(uid) ?? [])];
  }

  deployments(): Iterable<string> {
    return this.byDeployment.keys();
  }

  /** What is kept is all there is, as far as the API server has told lately. */
  isLive(): boolean {
    return this.version !== undefined && this.following.clock.now() - this.heardAt < silenceMilliseconds;
  }

  /** Set while the API server refuses to tell of this kind. */
  get unseen(): Unseen | undefined {
    return this.refusal;
  }

  /** The first list: what fails here, the caller hears of; not of a refusal of what can be done without. */
  async begin(): Promise<void> {
    await this.list().catch((error: unknown) => {
      if (!this.following.isDispensable || !isRefusal(error)) throw error;
      this.refused(error);
    });
    void this.follow();
  }

  private async follow(): Promise<void> {
    const { clock, log, stopping } = this.following;
    for (let failures = 0; !stopping.aborted; ) {
      try {
        if (this.refusal) await clock.sleep(refusedPauseMilliseconds, stopping);
        if (this.version === undefined) await this.list();
        failures = 0;
        await this.watchUntilSilent(this.version as string);
      } catch (error) {
        if (stopping.aborted) return;
        this.version = undefined;
        if (error instanceof KubernetesError && error.code === 410) continue;
        if (this.following.isDispensable && isRefusal(error)) {
          this.refused(error);
          continue;
        }
        failures += 1;
        log.warn(`the watch of ${this.kind} has broken off`, error as Error);
        await clock.sleep(Math.min(longestPauseMilliseconds, 250 * 2 ** failures), stopping).catch(() => undefined);
      }
    }
  }

  private async list(): Promise<void> {
    const { cluster, scope, clock, isOurs = () => true } = this.following;
    const { items, resource_version } = await cluster.list(this.kind, scope, trimmed);
    const found = new Set<string>();
    for (const item of items.filter(isOurs)) {
      found.add(item.metadata.uid as string);
      this.keep(item);
    }
    for (const [uid, object] of this.kept) if (!found.has(uid)) this.drop(object);
    this.refusal = undefined;
    this.version = resource_version;
    this.listedAt = this.heardAt = clock.now();
  }

  /** Ends, without an error, when nothing was heard for too long or all is to be listed anew. */
  private async watchUntilSilent(from: string): Promise<void> {
    const { cluster, scope, clock, stopping, isOurs = () => true } = this.following;
    const enough = new AbortController();
    const stop = () => enough.abort();
    stopping.addEventListener("abort", stop);
    void this.guard(enough, clock.now());
    try {
      for await (const { type, object } of cluster.watch(this.kind, scope, from, enough.signal)) {
        this.heardAt = clock.now();
        this.version = object.metadata.resourceVersion ?? this.version;
        if (type === "BOOKMARK" || !isOurs(object)) continue;
        if (type === "DELETED") this.drop(object);
        else this.keep(trimmed(object));
      }
    } finally {
      stopping.removeEventListener("abort", stop);
      enough.abort();
    }
  }

  private async guard(enough: AbortController, openedAt: number): Promise<void> {
    const { clock, isSilenceBad = true } = this.following;
    while (!enough.signal.aborted) {
      const now = clock.now();
      const relist = this.listedAt + relistMilliseconds;
      const silence = isSilenceBad ? Math.max(this.heardAt, openedAt) + silenceMilliseconds : Number.POSITIVE_INFINITY;
      if (now >= relist) this.version = undefined;
      if (now >= Math.min(relist, silence)) enough.abort();
      else await clock.sleep(Math.min(relist, silence) - now, enough.signal).catch(() => undefined);
    }
  }

  /** What was kept is not known to be so any more. */
  private refused(error: KubernetesError): void {
    const isNews = this.refusal === undefined;
    this.refusal = unseenBy(this.kind, error);
    this.version = undefined;
    if (isNews) this.following.log.warn(`${this.kind} objects cannot be looked at`, error);
    for (const object of [...this.kept.values()]) this.drop(object);
  }

  private keep(object: KubernetesObject): void {
    const uid = object.metadata.uid as string;
    const before = this.kept.get(uid);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.kept.set(uid, object);
    // Labels may have been changed by hand: whom it belonged to has lost something.
    if (before) this.unindex(before);
    const owner = object.metadata.labels?.[labels.uid];
    if (owner !== undefined) this.byDeployment.set(owner, (this.byDeployment.get(owner) ?? new Set()).add(object));
    if (before && before.metadata.labels?.[labels.uid] !== owner) this.following.onChange(before);
    this.following.onChange(object);
  }

  private drop(object: KubernetesObject): void {
    const kept = this.kept.get(object.metadata.uid as string);
    if (!kept) return;
    this.kept.delete(object.metadata.uid as string);
    this.unindex(kept);
    this.following.onChange(kept);
  }

  private unindex(object: KubernetesObject): void {
    const owner = object.metadata.labels?.[labels.uid] ?? "";
    const own = this.byDeployment.get(owner);
    own?.delete(object);
    if (own?.size === 0) this.byDeployment.delete(owner);
  }
}
