import type { Head } from "../../domain/deployment.ts";
import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { labels } from "../../domain/names.ts";
import { recordObservation } from "../../domain/observation.ts";
import type { Observed, ObservedSlot } from "../../domain/observed.ts";
import { isInTheMaking } from "../../domain/operation-kinds.ts";
import { type Ways, withWays } from "../../domain/reachability.ts";
import { type SlotName, slotNames } from "../../domain/words.ts";
import type { Cluster, Clusters, Scope } from "../ports/cluster.ts";
import type { Clock } from "../ports/surroundings.ts";
import { judgeSeen, type Seen } from "./judge-seen.ts";
import { listSeen, needed } from "./unseen.ts";

/** Looks at one deployment in its cluster, now, by the rules of whoever else looks. Stores nothing. */
export async function lookLive(
  ports: { clusters: Clusters; clock: Pick<Clock, "now"> },
  head: Head,
  observed: Observed | undefined,
): Promise<Observed> {
  const filled = slotNames.filter((slot) => head.slots[slot] !== null && !isInTheMaking(head, slot));
  const seen = filled.length > 0 ? await listObjects(await ports.clusters(head.place.cluster), head) : undefined;
  const now = ports.clock.now();
  const slots: Partial<Record<SlotName, ObservedSlot>> = {};
  for (const slot of filled) {
    const record = head.slots[slot];
    if (record && seen) slots[slot] = await judgeSeen({ head, slot, record }, seen, now);
  }
  return recordObservation(head, observed, seen ? withWays(head, slots, seen, now) : slots, now);
}

const own = ["Deployment", "ReplicaSet", "Pod", "HTTPRoute", "EndpointSlice"] as const satisfies Kind[];

/** Events carry no labels of ours: those of the namespace are taken, once, and told apart by the object they are about. */
async function listObjects(cluster: Cluster, { place, uid }: Head): Promise<Seen & Ways> {
  const list = (kind: Kind, scope: Scope) =>
    needed.includes(kind) ? cluster.list(kind, scope).then(({ items }) => ({ items, unseen: [] })) : listSeen(cluster, kind, scope);
  const lists = await Promise.all(own.map((kind) => list(kind, { namespace: place.namespace, labels: { [labels.uid]: uid } })));
  const [deployments = [], replica_sets = [], pods = [], routes = [], slices = []] = lists.map(({ items }) => items);
  const unseen = lists.flatMap((listed) => listed.unseen);
  const listEvents = async (namespace: string) => {
    const listed = await listSeen(cluster, "Event", { namespace });
    unseen.push(...listed.unseen);
    return listed.items;
  };
  let events: Promise<KubernetesObject[]> | undefined;
  const eventsIn = (namespace: string) => (events ??= listEvents(namespace));
  return { deployments, replica_sets, pods, routes, slices, unseen, eventsIn };
}
