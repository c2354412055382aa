import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels, managedBy } from "../../domain/names.ts";
import type { Unseen } from "../../domain/observed.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { SeenObjects } from "../rollout/slot-facts.ts";
import { listSeen } from "./unseen.ts";

/** Everything of ours in one cluster, at one time. */
export interface Sight extends Omit<SeenObjects, "events"> {
  routes: KubernetesObject[];
  services: KubernetesObject[];
  scalers: KubernetesObject[];
  budgets: KubernetesObject[];
  slices: KubernetesObject[];
  /** Deployments whose objects are there. */
  uids: Set<string>;
  /** Events of a namespace: they carry no label to be found by, and are asked for only where something is wrong. */
  eventsIn(namespace: string): Promise<KubernetesObject[]>;
  /** What the cluster refuses to tell in any namespace. */
  unseen: Unseen[];
  /** The same, and its events. */
  unseenIn(namespace: string): Unseen[];
}

const ours = { namespace: null, labels: { [labels.managedBy]: managedBy } };

export async function lookAt(cluster: Cluster): Promise<Sight> {
  const kinds = [
    "Deployment",
    "ReplicaSet",
    "Pod",
    "Service",
    "HTTPRoute",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "EndpointSlice",
  ] as const;
  const found = await Promise.all(kinds.map((kind) => listSeen(cluster, kind, ours)));
  const unseen = found.flatMap((each) => each.unseen);
  const lists = found.map(({ items }) => items);
  const [deployments = [], replica_sets = [], pods = [], services = [], routes = [], scalers = [], budgets = [], slices = []] = lists;
  const events = new Map<string, Promise<KubernetesObject[]>>();
  const unseenEvents = new Map<string, Unseen[]>();
  const listEvents = async (namespace: string): Promise<KubernetesObject[]> => {
    const { items, unseen: refused } = await listSeen(cluster, "Event", { namespace });
    unseenEvents.set(namespace, refused);
    return items;
  };
  return {
    deployments,
    replica_sets,
    pods,
    services,
    routes,
    scalers,
    budgets,
    slices,
    unseen,
    // Endpoints follow Services, and go after them.
    uids: new Set(
      lists
        .slice(0, -1)
        .flat()
        .flatMap(({ metadata }) => metadata.labels?.[labels.uid] ?? []),
    ),
    eventsIn: (namespace) => {
      const listed = events.get(namespace) ?? listEvents(namespace);
      events.set(namespace, listed);
      return listed;
    },
    unseenIn: (namespace) => [...unseen, ...(unseenEvents.get(namespace) ?? [])],
  };
}
