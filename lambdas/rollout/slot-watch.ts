import type { Head, SlotRecord } from "../../domain/deployment.ts";
import type { Kind, KubernetesObject, SlotFacts } from "../../domain/kubernetes.ts";
import { labels, routeName } from "../../domain/names.ts";
import type { SlotName } from "../../domain/words.ts";
import { type Cluster, endsBeginning, isRefusal, KubernetesError, type Scope } from "../ports/cluster.ts";
import type { Clock } from "../ports/surroundings.ts";
import { newBell } from "./bell.ts";
import { blindMilliseconds } from "./gateway-blindness.ts";
import { factsOf, type SeenObjects } from "./slot-facts.ts";

/** What says how far a slot is. */
const states = ["Deployment", "Pod"] as const satisfies Kind[];
/** What only says why it is no further: each watch is a request and a connection, and most slots need no explanation. */
const causes = ["ReplicaSet", "Event"] as const satisfies Kind[];
type Watched = (typeof states)[number] | (typeof causes)[number];

const isCause = (kind: Watched): boolean => (causes as readonly Watched[]).includes(kind);

/** What is seen of one deployment's slots, kept up to date by watches from the beginning on. */
export interface SlotWatch {
  facts(slot: SlotName, record: SlotRecord): SlotFacts;
  /** Deployments and pods of all slots. */
  running(): KubernetesObject[];
  /** From here on ReplicaSets and events are among the facts. Gives whether they were not before. */
  explain(): Promise<boolean>;
  /** When any gateway that lost the API server as this watch did has heard of all that there was when it came back; 0 if it never did. */
  gatewayKnowsFrom(): number;
  /** Until something changes or so much time is over. Throws what ended a watch. */
  changed(atMostMilliseconds: number): Promise<void>;
  stop(): void;
}

/** Comes back when it has seen all Deployments and pods that there are. */
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
  let explained: Promise<unknown> | undefined;
  let gatewayKnowsFrom = 0;
  await beginningsOf(states);
  return {
    facts: (slot, record) => factsOf(slot, record, objectsIn(seen), head),
    gatewayKnowsFrom: () => gatewayKnowsFrom,
    running: () => states.flatMap((kind) => [...seen[kind].values()]),
    explain: async () => {
      const isNew = explained === undefined;
      explained ??= beginningsOf(causes);
      await explained;
      return isNew;
    },
    changed: async (atMostMilliseconds) => {
      if (fault === undefined) await bell.next(clock, atMostMilliseconds);
      if (fault !== undefined) throw fault;
    },
    stop: () => stopping.abort(),
  };

  async function beginningsOf(kinds: readonly Watched[]): Promise<void> {
    try {
      await Promise.all(kinds.map((kind) => new Promise<void>((told, failed) => void follow(kind, told).catch(failed))));
    } catch (error) {
      stopping.abort();
      throw error;
    }
  }

  /** Until it is stopped. Calls `told` when all that there was is seen. */
  async function follow(kind: Watched, told: () => void): Promise<void> {
    let away = 0;
    const returned = (milliseconds: number) => {
      away += milliseconds;
      gatewayKnowsFrom = Math.max(gatewayKnowsFrom, clock.now() + blindMilliseconds(away));
    };
    try {
      for (let version: string | null = null; !stopping.signal.aborted; ) version = await followFrom(kind, version, told, returned);
    } catch (error) {
      // Where nobody may see why, it is still seen how far it is.
      if (stopping.signal.aborted || (isRefusal(error) && isCause(kind))) return told();
      fault = error;
      bell.ring();
      throw error;
    }
  }

  /** Gives from where to go on: null is from the beginning. */
  async function followFrom(
    kind: Watched,
    version: string | null,
    told: () => void,
    returned: (awayMilliseconds: number) => void,
  ): Promise<string | null> {
    let beginning = version === null ? new Map<string, KubernetesObject>() : undefined;
    try {
      for await (const event of cluster.watch(kind, scopeOf(kind, head), version, stopping.signal, returned)) {
        const { type, object } = event;
        const objects = beginning ?? seen[kind];
        if (kind === "Event" && type !== "BOOKMARK" && !isAboutOurs(object, head)) continue;
        if (type === "DELETED") objects.delete(object.metadata.uid as string);
        else if (type !== "BOOKMARK") objects.set(object.metadata.uid as string, object);
        if (beginning && endsBeginning(event)) {
          seen[kind] = beginning;
          beginning = undefined;
          told();
        }
        if (!beginning && type !== "BOOKMARK") bell.ring();
      }
      return version;
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (error.code === 410) return null;
      if (version !== null || !isUntold(error)) throw error;
    }
    const { items, resource_version } = await cluster.list(kind, scopeOf(kind, head));
    const own = kind === "Event" ? items.filter((item) => isAboutOurs(item, head)) : items;
    seen[kind] = new Map(own.map((item) => [item.metadata.uid as string, item]));
    told();
    bell.ring();
    return resource_version;
  }
}

/** An API server older than 1.34 may be one that tells changes only. */
const isUntold = ({ code }: KubernetesError): boolean => code === 422 || code === 400;

/**
 * Events carry no labels of ours: those of the namespace are taken, and told apart by the object they are about. Of autoscalers,
 * each of which says every 15 s what it misses, nobody here wants to know: of a hundred they would be most of all events.
 */
function scopeOf(kind: Watched, { place, uid }: Head): Scope {
  const scope = { namespace: place.namespace };
  if (kind === "Event") return { ...scope, fields: "involvedObject.kind!=HorizontalPodAutoscaler" };
  return { ...scope, labels: { [labels.uid]: uid } };
}

/** With many rollouts in one namespace nearly all events are others', and each would be kept and looked at by all of them. */
function isAboutOurs({ involvedObject }: KubernetesObject, head: Head): boolean {
  const { name = "" } = (involvedObject ?? {}) as { name?: string };
  return name.startsWith(`${routeName(head)}-`);
}

const objectsIn = (seen: Record<Watched, Map<string, KubernetesObject>>): SeenObjects => ({
  deployments: [...seen.Deployment.values()],
  replica_sets: [...seen.ReplicaSet.values()],
  pods: [...seen.Pod.values()],
  events: [...seen.Event.values()],
});
