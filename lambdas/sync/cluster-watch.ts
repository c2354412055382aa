import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { labels, managedBy } from "../../domain/names.ts";
import type { Unseen } from "../../domain/observed.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { Clock, Log } from "../ports/surroundings.ts";
import { type Bell, newBell } from "../rollout/bell.ts";
import { WatchedKind } from "./kind-watch.ts";
import type { SlotSight } from "./observe.ts";
import { listSeen, needed } from "./unseen.ts";

const kinds = ["Deployment", "ReplicaSet", "Pod", "HorizontalPodAutoscaler", "HTTPRoute", "EndpointSlice"] as const satisfies Kind[];
type Watched = (typeof kinds)[number];

/** How often the API server is asked whether it is there: a watch alone tells too late that it is not. */
const probeMilliseconds = 10_000;
/** Namespaces whose events are watched at a time; a connection each. Of further ones they are listed. */
const mostEventWatches = 12;
/** Something that was wrong a moment ago may be again. */
const eventsLingerMilliseconds = 60_000;
/** A condition does not wait for longer until somebody can say why: it is judged again as soon as the events are there. */
const eventsPatienceMilliseconds = 40;
const ours = { namespace: null, labels: { [labels.managedBy]: managedBy } };

interface WatchedEvents {
  watch: WatchedKind;
  begun: Promise<void>;
  neededAt: number;
  stop: () => void;
}

/** Everything of ours in one cluster, kept up to date from the moment that it was listed. */
export class ClusterWatch {
  private readonly kinds: Record<Watched, WatchedKind>;
  private readonly events = new Map<string, WatchedEvents>();
  private readonly cluster: Cluster;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly stopping = new AbortController();
  private readonly bell: Bell = newBell();
  private changes = new Set<string>();
  private troubledPlaces = new Set<string>();
  private answeredAt = 0;

  constructor({ cluster, clock, log }: { cluster: Cluster; clock: Clock; log: Log }) {
    this.cluster = cluster;
    this.clock = clock;
    this.log = log;
    this.kinds = Object.fromEntries(kinds.map((kind) => [kind, this.watched(kind)])) as Record<Watched, WatchedKind>;
  }

  /** Lists all and begins to watch. Errors: those of the first lists. */
  async begin(): Promise<void> {
    await Promise.all(kinds.map((kind) => this.kinds[kind].begin()));
    this.answeredAt = this.clock.now();
    void this.probe();
  }

  stop(): void {
    this.stopping.abort();
    for (const { stop } of this.events.values()) stop();
  }

  /** Uids of all deployments that have something in the cluster. */
  deployments(): string[] {
    return [...new Set(kinds.flatMap((kind) => [...this.kinds[kind].deployments()]))];
  }

  /** Uids of deployments with a change, and namespaces with new events, since this was asked last. */
  takeChanges(): { uids: Set<string>; namespaces: Set<string> } {
    const taken = { uids: this.changes, namespaces: this.troubledPlaces };
    this.changes = new Set();
    this.troubledPlaces = new Set();
    return taken;
  }

  /** Until something changes or so much time is over. */
  changed(atMostMilliseconds: number): Promise<void> {
    return this.bell.next(this.clock, atMostMilliseconds);
  }

  /** There is something else to go on with. */
  wake(): void {
    this.bell.ring();
  }

  /** The time until which what is kept is known to be all there is; null while that is not known. */
  trueAt(): number | null {
    return kinds.every((kind) => this.kinds[kind].isLive() || this.kinds[kind].unseen) ? this.answeredAt : null;
  }

  sightOf(uid: string): SlotSight {
    const of = (kind: Watched) => this.kinds[kind].of(uid);
    return {
      deployments: of("Deployment"),
      replica_sets: of("ReplicaSet"),
      pods: of("Pod"),
      routes: of("HTTPRoute"),
      slices: of("EndpointSlice"),
      scalers: of("HorizontalPodAutoscaler"),
      eventsIn: (namespace) => this.eventsIn(namespace),
      unseenIn: (namespace) => this.unseenIn(namespace),
    };
  }

  private unseenIn(namespace: string): Unseen[] {
    const watches = [...kinds.map((kind) => this.kinds[kind]), this.events.get(namespace)?.watch];
    return watches.flatMap((watch) => watch?.unseen ?? []);
  }

  /** Events are watched only where something is wrong: elsewhere nobody reads them. */
  restEvents(needed: ReadonlySet<string>): void {
    const now = this.clock.now();
    for (const [namespace, watched] of this.events) {
      if (needed.has(namespace)) watched.neededAt = now;
      if (now - watched.neededAt < eventsLingerMilliseconds) continue;
      watched.stop();
      this.events.delete(namespace);
    }
  }

  private async eventsIn(namespace: string): Promise<KubernetesObject[]> {
    if (!this.events.has(namespace) && this.events.size >= mostEventWatches) {
      return (await listSeen(this.cluster, "Event", { namespace })).items;
    }
    const watched = this.events.get(namespace) ?? this.watchEvents(namespace);
    this.events.set(namespace, watched);
    watched.neededAt = this.clock.now();
    const enough = new AbortController();
    const patience = this.clock.sleep(eventsPatienceMilliseconds, enough.signal).catch(() => undefined);
    await Promise.race([watched.begun, patience]);
    enough.abort();
    return watched.watch.objects();
  }

  private heardIn(namespace: string): void {
    this.troubledPlaces.add(namespace);
    this.bell.ring();
  }

  private watchEvents(namespace: string): WatchedEvents {
    const ending = new AbortController();
    const watch = new WatchedKind("Event", {
      ...{ cluster: this.cluster, clock: this.clock, log: this.log },
      scope: { namespace },
      stopping: ending.signal,
      isSilenceBad: false,
      isDispensable: true,
      onChange: () => this.heardIn(namespace),
    });
    const begun = watch.begin();
    begun.then(
      () => this.heardIn(namespace),
      () => this.events.delete(namespace),
    );
    return { watch, begun, neededAt: this.clock.now(), stop: () => ending.abort() };
  }

  private watched(kind: Watched): WatchedKind {
    return new WatchedKind(kind, {
      ...{ cluster: this.cluster, clock: this.clock, log: this.log },
      scope: ours,
      stopping: this.stopping.signal,
      isDispensable: !needed.includes(kind),
      onChange: ({ metadata }) => {
        const uid = metadata.labels?.[labels.uid];
        if (uid !== undefined) this.changes.add(uid);
        this.bell.ring();
      },
    });
  }

  /** Not at once: that it is there, the lists have just told. */
  private async probe(): Promise<void> {
    for (;;) {
      await this.clock.sleep(probeMilliseconds, this.stopping.signal).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      const asked = this.clock.now();
      const answered = await this.cluster.get("Namespace", null, "default").then(
        () => true,
        () => false,
      );
      if (answered) this.answeredAt = asked;
    }
  }
}
