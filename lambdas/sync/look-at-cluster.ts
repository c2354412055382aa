import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { labels, managedBy } from "../../domain/names.ts";
import type { Unseen } from "../../domain/observed.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { SeenObjects } from "../rollout/slot-facts.ts";
import { listSeen } from "./unseen.ts";

/** What an operation may have left in one cluster, at one time. */
export interface Leftovers {
  deployments: KubernetesObject[];
  services: KubernetesObject[];
  routes: KubernetesObject[];
  scalers: KubernetesObject[];
  budgets: KubernetesObject[];
  /** Deployments whose objects are there. */
  uids: Set<string>;
  /** What the cluster refuses to tell in any namespace. */
  unseen: Unseen[];
}

/** Everything of ours in one cluster, at one time. */
export interface Sight extends Leftovers, Omit<SeenObjects, "events"> {
  slices: KubernetesObject[];
  /** Events of a namespace: they carry no label to be found by, and are asked for only where something is wrong. */
  eventsIn(namespace: string): Promise<KubernetesObject[]>;
  /** What is unseen, and of its events. */
  unseenIn(namespace: string): Unseen[];
}

const ours = { namespace: null, labels: { [labels.managedBy]: managedBy } };

export async function lookForLeftovers(cluster: Cluster): Promise<Leftovers> {
  const kinds = ["Deployment", "Service", "HTTPRoute", "HorizontalPodAutoscaler", "PodDisruptionBudget"] as const;
  const { lists, unseen } = await listEach(cluster, kinds);
  const [deployments = [], services = [], routes = [], scalers = [], budgets = []] = lists;
  return { deployments, services, routes, scalers, budgets, uids: uidsIn(lists), unseen };
}

export async function lookAt(cluster: Cluster): Promise<Sight> {
  const [leftovers, running] = await Promise.all([lookForLeftovers(cluster), listEach(cluster, ["ReplicaSet", "Pod", "EndpointSlice"])]);
  const [replica_sets = [], pods = [], slices = []] = running.lists;
  const unseen = [...leftovers.unseen, ...running.unseen];
  const events = new Map<string, Promise<KubernetesObject[]>>();
  const unseenEvents = new Map<string, Unseen[]>();
  const listEvents = async (namespace: string): Promise<KubernetesObject[]> => {
    const { items, unseen: refused } = await listSeen(cluster, "Event", { namespace });
    unseenEvents.set(namespace, refused);
    return items;
  };
  return {
    ...leftovers,
    replica_sets,
    pods,
    slices,
    unseen,
    // Endpoints follow Services, and go after them.
    uids: new Set([...leftovers.uids, ...uidsIn([replica_sets, pods])]),
    eventsIn: (namespace) => {
      const listed = events.get(namespace) ?? listEvents(namespace);
      events.set(namespace, listed);
      return listed;
    },
    unseenIn: (namespace) => [...unseen, ...(unseenEvents.get(namespace) ?? [])],
  };
}

async function listEach(cluster: Cluster, kinds: readonly Kind[]): Promise<{ lists: KubernetesObject[][]; unseen: Unseen[] }> {
  const found = await Promise.all(kinds.map((kind) => listSeen(cluster, kind, ours)));
  return { lists: found.map(({ items }) => items), unseen: found.flatMap(({ unseen }) => unseen) };
}

const uidsIn = (lists: KubernetesObject[][]): Set<string> =>
  new Set(lists.flat().flatMap(({ metadata }) => metadata.labels?.[labels.uid] ?? []));
