import type { Kind } from "../../domain/kubernetes.ts";

interface Resource {
  apiVersion: string;
  plural: string;
  namespaced: boolean;
}

/** Where the API keeps each kind that the product touches. */
const resources: Record<Kind, Resource> = {
  Namespace: { apiVersion: "v1", plural: "namespaces", namespaced: false },
  ServiceAccount: { apiVersion: "v1", plural: "serviceaccounts", namespaced: true },
  ResourceQuota: { apiVersion: "v1", plural: "resourcequotas", namespaced: true },
  NetworkPolicy: { apiVersion: "networking.k8s.io/v1", plural: "networkpolicies", namespaced: true },
  RoleBinding: { apiVersion: "rbac.authorization.k8s.io/v1", plural: "rolebindings", namespaced: true },
  Secret: { apiVersion: "v1", plural: "secrets", namespaced: true },
  Service: { apiVersion: "v1", plural: "services", namespaced: true },
  Deployment: { apiVersion: "apps/v1", plural: "deployments", namespaced: true },
  ReplicaSet: { apiVersion: "apps/v1", plural: "replicasets", namespaced: true },
  Pod: { apiVersion: "v1", plural: "pods", namespaced: true },
  HorizontalPodAutoscaler: { apiVersion: "autoscaling/v2", plural: "horizontalpodautoscalers", namespaced: true },
  PodDisruptionBudget: { apiVersion: "policy/v1", plural: "poddisruptionbudgets", namespaced: true },
  HTTPRoute: { apiVersion: "gateway.networking.k8s.io/v1", plural: "httproutes", namespaced: true },
  Event: { apiVersion: "v1", plural: "events", namespaced: true },
  EndpointSlice: { apiVersion: "discovery.k8s.io/v1", plural: "endpointslices", namespaced: true },
  Node: { apiVersion: "v1", plural: "nodes", namespaced: false },
  Gateway: { apiVersion: "gateway.networking.k8s.io/v1", plural: "gateways", namespaced: true },
  GatewayClass: { apiVersion: "gateway.networking.k8s.io/v1", plural: "gatewayclasses", namespaced: false },
  SubjectAccessReview: { apiVersion: "authorization.k8s.io/v1", plural: "subjectaccessreviews", namespaced: false },
};

/** Built-in lists leave `apiVersion` and `kind` out of their items: this is what belongs there. */
export const typeOf = (kind: Kind) => ({ apiVersion: resources[kind].apiVersion, kind });

/** `namespace` null for a cluster-wide kind, or for all namespaces. */
export function collectionPath(kind: Kind, namespace: string | null): string {
  const { apiVersion, plural, namespaced } = resources[kind];
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespaced && namespace !== null ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${root}/${plural}`;
}

export const objectPath = (kind: Kind, namespace: string | null, name: string): string =>
  `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
