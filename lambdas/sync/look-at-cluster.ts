import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels, managedBy } from "../../domain/names.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { SeenObjects } from "../rollout/slot-facts.ts";

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
  const lists = await Promise.all(kinds.map(async (kind) => (await cluster.list(kind, ours)).items));
  const [deployments = [], replica_sets = [], pods = [], services = [], routes = [], scalers = [], budgets = [], slices = []] = lists;
  const events = new Map<string, Promise<KubernetesObject[]>>();
  return {
    deployments,
    replica_sets,
    pods,
    services,
    routes,
    scalers,
    budgets,
    slices,
    // Endpoints follow Services, and go after them.
    uids: new Set(
      lists
        .slice(0, -1)
        .flat()
        .flatMap(({ metadata }) => metadata.labels?.[labels.uid] ?? []),
    ),
    eventsIn: (namespace) => {
      const found = events.get(namespace) ?? cluster.list("Event", { namespace }).then(({ items }) => items);
      events.set(namespace, found);
      return found;
    },
  };
}
