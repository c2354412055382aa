/** Kinds the product touches. */
export type Kind =
  | "Namespace"
  | "ServiceAccount"
  | "ResourceQuota"
  | "NetworkPolicy"
  | "RoleBinding"
  | "Secret"
  | "Service"
  | "Deployment"
  | "ReplicaSet"
  | "Pod"
  | "HorizontalPodAutoscaler"
  | "PodDisruptionBudget"
  | "HTTPRoute"
  | "Event"
  | "EndpointSlice"
  | "Node"
  | "Gateway"
  | "GatewayClass"
  | "SubjectAccessReview";

/** What every Kubernetes object has; the rest is the API's own shape. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}
export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  [field: string]: unknown;
}

/** What is seen of one slot, as the API gives it; `domain/` reads only what it names and ignores the rest. */
export interface SlotFacts {
  slot: import("./words.ts").SlotName;
  revision: number;
  epoch: number;
  components: Record<import("./words.ts").Component, ComponentFacts | null>;
}
export interface ComponentFacts {
  deployment: KubernetesObject | null;
  replica_sets: KubernetesObject[];
  pods: KubernetesObject[];
  /** Events about the Deployment, its ReplicaSets and pods. */
  events: KubernetesObject[];
}
