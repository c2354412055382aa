import type { Head, SlotRecord } from "../../domain/deployment.ts";
import type { Kind, KubernetesObject, SlotFacts } from "../../domain/kubernetes.ts";
import { labels } from "../../domain/names.ts";
import type { SlotName } from "../../domain/words.ts";
import { type Cluster, KubernetesError, type Scope } from "../ports/cluster.ts";
import type { Clock } from "../ports/surroundings.ts";
import { newBell } from "./bell.ts";
import { factsOf, type SeenObjects } from "./slot-facts.ts";

const kinds = ["Deployment", "ReplicaSet", "Pod", "Event"] as const satisfies Kind[];
type Watched = (typeof kinds)[number];

/** What is seen of one deployment's slots, kept up to date by watches, from the moment that it was listed, while somebody waits. */
export interface SlotWatch {
  facts(slot: SlotName, record: SlotRecord): SlotFacts;
  /** Until something changes or so much time is over. Throws what ended a watch. */
  changed(atMostMilliseconds: number): Promise<void>;
  stop(): void;
}

export async function watchSlots({ cluster, clock }: { cluster: Cluster; clock: Clock }, head: Head): Promise<SlotWatch> {
  const seen: Record<Watched, Map<string, KubernetesObject>> = {
    Deployment: new Map(),
    ReplicaSet: new Map(),
    Pod: new Map(),
    Event: new Map(),
  };
  const stopping = new AbortController();
  const bell = newBell();
  let fault: unknown;
  const versions = await Promise.all(kinds.map((kind) => relist(kind)));
  let following = false;
  return {
    facts: (slot, record) => factsOf(slot, record, objectsIn(seen), head),
    changed: async (atMostMilliseconds) => {
      startFollowing();
      if (fault === undefined) await bell.next(clock, atMostMilliseconds);
      if (fault !== undefined) throw fault;
    },
    stop: () => stopping.abort(),
  };

  /** From what was listed on, and only once somebody waits: what is there already needs no watch, nor a connection for each. */
  function startFollowing(): void {
    if (following) return;
    following = true;
    for (const [index, kind] of kinds.entries()) void follow(kind, versions[index] as string).catch(fail);
  }

  async function relist(kind: Watched): Promise<string> {
    const { items, resource_version } = await cluster.list(kind, scopeOf(kind, head));
    seen[kind] = new Map(items.map((item) => [item.metadata.uid as string, item]));
    return resource_version;
  }

  async function follow(kind: Watched, from: string): Promise<void> {
    for (let version = from; !stopping.signal.aborted; ) {
      try {
        for await (const { type, object } of cluster.watch(kind, scopeOf(kind, head), version, stopping.signal)) {
          if (type === "BOOKMARK") continue;
          if (type === "DELETED") seen[kind].delete(object.metadata.uid as string);
          else seen[kind].set(object.metadata.uid as string, object);
          bell.ring();
        }
      } catch (error) {
        if (!(error instanceof KubernetesError) || error.code !== 410) throw error;
        version = await relist(kind);
        bell.ring();
      }
    }
  }

  function fail(error: unknown): void {
    if (stopping.signal.aborted) return;
    fault = error;
    bell.ring();
  }
}

/** Events carry no labels of ours: those of the namespace are taken, and told apart by the object they are about. */
function scopeOf(kind: Watched, { place, uid }: Head): Scope {
  const scope = { namespace: place.namespace };
  return kind === "Event" ? scope : { ...scope, labels: { [labels.uid]: uid } };
}

const objectsIn = (seen: Record<Watched, Map<string, KubernetesObject>>): SeenObjects => ({
  deployments: [...seen.Deployment.values()],
  replica_sets: [...seen.ReplicaSet.values()],
  pods: [...seen.Pod.values()],
  events: [...seen.Event.values()],
});
