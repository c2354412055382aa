import type { Resource } from "../../objects/resource.ts";
import type { Deployment, Node, Pod, ReplicaSet, Service } from "../../objects/workloads.ts";
import { age } from "./age.ts";
import { podStatus, restarts } from "./pod-words.ts";

type Cell = string | number;
/** What stands under each heading, in the order of columns; a heading in parentheses is for `-o wide`. */
export type Cells = Record<string, Cell>;

// biome-ignore lint/suspicious/noExplicitAny: each kind has fields of its own
type Any = any;

const list = (values: unknown[] | undefined): string => values?.join(",") || "<none>";
const pairs = (values: Record<string, string> | undefined): string =>
  list(Object.entries(values ?? {}).map(([key, value]) => `${key}=${value}`));
const images = ({ spec }: { spec: { template: { spec?: { containers: { name: string; image?: string }[] } } } }): Cells => {
  const containers = spec.template.spec?.containers ?? [];
  return { "(Containers)": list(containers.map(({ name }) => name)), "(Images)": list(containers.map(({ image }) => image)) };
};

/** What was measured beside what is meant, of one resource. */
const targetOf =
  (status: Any) =>
  ({ resource }: Any): string => {
    const measured = status?.currentMetrics?.find((each: Any) => each.resource?.name === resource?.name);
    const now = measured?.resource.current.averageUtilization;
    return `${resource?.name}: ${now === undefined ? "<unknown>" : `${now}%`}/${resource?.target.averageUtilization}%`;
  };

/** Of kinds whose name and age say too little, between the two, as kubectl shows them. */
const columnsByKind: Record<string, (object: Any, now: number) => Cells> = {
  Pod: (pod: Pod, now) => {
    const { containerStatuses = [], podIP } = pod.status;
    const ready = containerStatuses.filter((each) => each.ready).length;
    const wide = { "(IP)": podIP || "<none>", "(Node)": pod.spec.nodeName || "<none>" };
    return { Ready: `${ready}/${pod.spec.containers.length}`, Status: podStatus(pod), Restarts: restarts(pod, now), ...wide };
  },
  Deployment: (deployment: Deployment) => {
    const { readyReplicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment.status;
    const counts = { Ready: `${readyReplicas}/${deployment.spec.replicas}`, "Up-to-date": updatedReplicas, Available: availableReplicas };
    return { ...counts, ...images(deployment), "(Selector)": pairs(deployment.spec.selector.matchLabels) };
  },
  ReplicaSet: (set: ReplicaSet) => ({
    ...{ Desired: set.spec.replicas, Current: set.status.replicas, Ready: set.status.readyReplicas ?? 0 },
    ...{ ...images(set), "(Selector)": pairs(set.spec.selector.matchLabels) },
  }),
  Service: ({ spec }: Service) => ({
    ...{ Type: "ClusterIP", "Cluster-IP": spec.clusterIP || "<none>", "External-IP": "<none>" },
    ...{ "Port(s)": list(spec.ports?.map(({ port, protocol }) => `${port}/${protocol ?? "TCP"}`)), "(Selector)": pairs(spec.selector) },
  }),
  Node: ({ metadata, spec, status }: Node & { status: Any }, now) => {
    const isReady = status.conditions?.some((each: Any) => each.type === "Ready" && each.status === "True");
    const words = [isReady ? "Ready" : "NotReady", ...(spec.unschedulable ? ["SchedulingDisabled"] : [])];
    const version = status.nodeInfo?.kubeletVersion ?? "";
    return { Status: list(words), Roles: "<none>", Age: age(metadata.creationTimestamp, now), Version: version };
  },
  Namespace: ({ status }) => ({ Status: status?.phase ?? "" }),
  Secret: ({ type, data }) => ({ Type: type ?? "", Data: Object.keys(data ?? {}).length }),
  ConfigMap: ({ data }) => ({ Data: Object.keys(data ?? {}).length }),
  HorizontalPodAutoscaler: ({ spec, status }) => ({
    ...{ Reference: `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`, Targets: list(spec.metrics?.map(targetOf(status))) },
    ...{ MinPods: spec.minReplicas ?? 1, MaxPods: spec.maxReplicas },
    Replicas: status?.currentReplicas ?? 0,
  }),
  PodDisruptionBudget: ({ spec, status }) => ({
    ...{ "Min Available": spec.minAvailable ?? "N/A", "Max Unavailable": spec.maxUnavailable ?? "N/A" },
    "Allowed Disruptions": status?.disruptionsAllowed ?? 0,
  }),
  HTTPRoute: ({ spec }) => ({ Hostnames: spec.hostnames ? JSON.stringify(spec.hostnames) : "" }),
  Gateway: ({ spec, status }) => ({
    ...{ Class: spec.gatewayClassName, Address: status?.addresses?.[0]?.value ?? "" },
    Programmed: status?.conditions?.find((each: Any) => each.type === "Programmed")?.status ?? "Unknown",
  }),
};

/** An event tells itself by what it is about, not by its name. */
function eventCells(event: Any, now: number): Cells {
  const { kind, name } = event.involvedObject ?? {};
  const seen = event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
  const about = { Type: event.type, Reason: event.reason, Object: `${String(kind).toLowerCase()}/${name}`, Message: event.message };
  return { "Last Seen": age(seen, now), ...about, "(Name)": event.metadata.name };
}

export function cellsOf(kind: string, object: Resource, now: number): Cells {
  if (kind === "Event") return eventCells(object, now);
  const { name, creationTimestamp } = object.metadata;
  const own = Object.entries(columnsByKind[kind]?.(object, now) ?? {});
  const isWide = ([heading]: [string, Cell]) => heading.startsWith("(");
  const [wide, always] = [own.filter(isWide), own.filter((each) => !isWide(each))];
  // A column keeps the place at which it is named first.
  return Object.fromEntries([["Name", name], ...always, ["Age", age(creationTimestamp, now)], ...wide]);
}
