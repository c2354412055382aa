import type {
  Container as KubeContainer,
  ContainerStatus as KubeContainerStatus,
  PodCondition as KubePodCondition,
  PodSpec as KubePodSpec,
  PodStatus as KubePodStatus,
  PodTemplateSpec,
  ServicePort,
} from "kubernetes-types/core/v1.d.ts";
import type { Condition, Resource } from "./resource.ts";

export type Container = KubeContainer;
export type ContainerStatus = KubeContainerStatus;
export type PodSpec = KubePodSpec;
export type PodCondition = KubePodCondition & { observedGeneration?: number };
export type PodStatus = Omit<KubePodStatus, "conditions"> & { conditions?: PodCondition[]; observedGeneration?: number };

export interface Pod extends Resource {
  spec: PodSpec;
  status: PodStatus;
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface Deployment extends Resource {
  spec: {
    replicas: number;
    selector: LabelSelector;
    template: PodTemplateSpec;
    strategy: { type: "RollingUpdate" | "Recreate"; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } };
    minReadySeconds?: number;
    progressDeadlineSeconds?: number;
    revisionHistoryLimit?: number;
    paused?: boolean;
  };
  status: DeploymentStatus;
}
export interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  conditions?: Condition[];
}

export interface ReplicaSet extends Resource {
  spec: { replicas: number; selector: LabelSelector; template: PodTemplateSpec; minReadySeconds?: number };
  status: ReplicaSetStatus;
}
export interface ReplicaSetStatus {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  observedGeneration?: number;
  conditions?: Condition[];
}

export interface Service extends Resource {
  spec: { selector?: Record<string, string>; ports?: ServicePort[]; clusterIP?: string; publishNotReadyAddresses?: boolean };
}

/** Its name stands for its pods, and not for an address in front of them. */
export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === "None";

export interface EndpointSlice extends Resource {
  addressType: string;
  endpoints: Endpoint[] | null;
  ports: EndpointPort[] | null;
}
export interface Endpoint {
  addresses: string[];
  conditions: { ready?: boolean; serving?: boolean; terminating?: boolean };
  nodeName?: string;
  targetRef?: { kind: string; namespace?: string; name: string; uid: string };
}
export interface EndpointPort {
  name: string;
  port: number;
  protocol: string;
}

export interface Node extends Resource {
  spec: { podCIDR?: string; taints?: { key: string; value?: string; effect: string; timeAdded?: string }[]; unschedulable?: boolean };
  status: { capacity: Record<string, string>; allocatable: Record<string, string>; conditions?: Condition[]; addresses?: unknown[] };
}

export function readyCondition(pod: Pod): PodCondition | undefined {
  return pod.status.conditions?.find((condition) => condition.type === "Ready");
}

export function isReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === "True";
}

/** Neither ended nor being deleted: what a controller counts as a replica. */
export function isActive(pod: Pod): boolean {
  return !isTerminal(pod) && !pod.metadata.deletionTimestamp;
}

export function isTerminal(pod: Pod): boolean {
  return pod.status.phase === "Succeeded" || pod.status.phase === "Failed";
}
