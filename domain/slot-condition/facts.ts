import type { ObjectMeta } from "../kubernetes.ts";

/** The parts of Kubernetes' objects that conditions are read from. Any of them may be absent in a young object. */

export interface KubernetesCondition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface ContainerSpec {
  name: string;
  image?: string;
  resources?: { requests?: Quantities; limits?: Quantities };
  startupProbe?: Probe;
  readinessProbe?: Probe;
}
interface Probe {
  httpGet?: { path?: string };
}
/** Somebody's own pod may say numbers. */
type Quantities = Record<string, string | number>;

export interface Pod {
  metadata: ObjectMeta;
  spec?: { nodeName?: string; containers?: ContainerSpec[]; initContainers?: ContainerSpec[] };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    startTime?: string;
    conditions?: KubernetesCondition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

export interface ContainerStatus {
  name: string;
  image?: string;
  ready?: boolean;
  started?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}
export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: Termination;
}
export interface Termination {
  exitCode: number;
  signal?: number;
  reason?: string;
  message?: string;
  startedAt?: string;
  finishedAt?: string;
}

export interface DeploymentObject {
  metadata: ObjectMeta;
  spec?: { replicas?: number };
  status?: { observedGeneration?: number; updatedReplicas?: number; availableReplicas?: number; conditions?: KubernetesCondition[] };
}

export interface EventObject {
  metadata: ObjectMeta;
  type?: string;
  reason?: string;
  message?: string;
  involvedObject?: { kind?: string; name?: string; uid?: string; fieldPath?: string };
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { lastObservedTime?: string };
}

export function conditionOf(holder: { conditions?: KubernetesCondition[] } | undefined, type: string): KubernetesCondition | undefined {
  return holder?.conditions?.find((condition) => condition.type === type);
}

/** What a kubelet says of a failed probe, and of a 404 where nothing was found: the server has another model, or other paths. */
export function probeWords(message: string, pod: Pod, container: string, probe: "startupProbe" | "readinessProbe"): string {
  const path = pod.spec?.containers?.find(({ name }) => name === container)?.[probe]?.httpGet?.path;
  return path !== undefined && /statuscode: 404$/.test(message) ? `${message}: there is nothing at ${path}` : message;
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Ended for ever (evicted, node gone): its ReplicaSet makes another. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
}

export function isReady(pod: Pod): boolean {
  return !isTerminating(pod) && !hasEnded(pod) && conditionOf(pod.status, "Ready")?.status === "True";
}

/** Whole and part seconds since `time`; 0 when it is absent or unreadable. */
export function secondsSince(time: string | null | undefined, now: number): number {
  const then = Date.parse(time ?? "");
  return Number.isNaN(then) ? 0 : Math.max(0, (now - then) / 1000);
}

/** The events about one pod, newest first. */
export function eventsAbout(pod: Pod, events: readonly EventObject[]): EventObject[] {
  const { uid, name } = pod.metadata;
  const about = events.filter(({ involvedObject }) => (involvedObject?.uid ? involvedObject.uid === uid : involvedObject?.name === name));
  return about.sort((one, other) => timeOf(other) - timeOf(one));
}

/** When an event was seen last, in milliseconds since the epoch. Newer writers of events leave the older fields empty. */
export function timeOf({ series, lastTimestamp, eventTime, firstTimestamp, metadata }: EventObject): number {
  const time = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp;
  return Date.parse(time ?? "") || 0;
}
