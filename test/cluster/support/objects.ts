import { inject } from "vitest";
import type { Any } from "./api-client.ts";
import { gatewayPlace } from "./cluster-info.ts";

const { images } = inject("cluster");

/** Where the collections of a namespace are. */
export function pathsOf(namespace: string) {
  const core = `/api/v1/namespaces/${namespace}`;
  const of = (group: string, plural: string) => `/apis/${group}/namespaces/${namespace}/${plural}`;
  return {
    self: core,
    pods: `${core}/pods`,
    services: `${core}/services`,
    secrets: `${core}/secrets`,
    configMaps: `${core}/configmaps`,
    serviceAccounts: `${core}/serviceaccounts`,
    quotas: `${core}/resourcequotas`,
    events: `${core}/events`,
    deployments: of("apps/v1", "deployments"),
    replicaSets: of("apps/v1", "replicasets"),
    autoscalers: of("autoscaling/v2", "horizontalpodautoscalers"),
    budgets: of("policy/v1", "poddisruptionbudgets"),
    slices: of("discovery.k8s.io/v1", "endpointslices"),
    networkPolicies: of("networking.k8s.io/v1", "networkpolicies"),
    routes: of("gateway.networking.k8s.io/v1", "httproutes"),
  };
}
export type Paths = ReturnType<typeof pathsOf>;

/** An image that no registry has: its host does not exist. */
export const absentImage = "registry.invalid/absent:1";

export const readinessProbe = { httpGet: { path: "/ready", port: "http" }, periodSeconds: 1 };

export function container(changes: Any = {}): Any {
  return { name: "server", image: images.server, ports: [{ name: "http", containerPort: 8080 }], readinessProbe, ...changes };
}

/** A container that does one thing and ends. */
export function task(name: string, args: string[], changes: Any = {}): Any {
  return { name, image: images.server, args, ...changes };
}

/** Nothing of it needs to end in order. */
const disposable = { automountServiceAccountToken: false, enableServiceLinks: false, terminationGracePeriodSeconds: 1 };

export function pod(name: string, spec: Any = {}, changes: Any = {}): Any {
  const metadata = { name, labels: { app: name } };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { ...disposable, containers: [container(changes)], ...spec } };
}

export function deployment(name: string, changes: Any = {}, spec: Any = {}, podSpec: Any = {}): Any {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...disposable, containers: [container(changes)], ...podSpec } },
      ...spec,
    },
  };
}

/** Of pods that never start: they cost nothing. */
export function idleDeployment(name: string, spec: Any = {}): Any {
  return deployment(name, { image: absentImage, imagePullPolicy: "Never", readinessProbe: undefined }, spec);
}

export function service(name: string, spec: Any = {}): Any {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: "http" }], ...spec },
  };
}

export function configMap(name: string, { metadata, data }: Any = {}): Any {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data: data ?? {} };
}

export function secret(name: string, more: Any = {}): Any {
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, ...more };
}

export function quota(name: string, hard: Record<string, string>): Any {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name }, spec: { hard } };
}

export function autoscaler(name: string, minReplicas: number, maxReplicas: number, more: Any = {}): Any {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, minReplicas, maxReplicas, ...more },
  };
}

export function budget(name: string, spec: Any): Any {
  const selector = { matchLabels: { app: name } };
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name }, spec: { selector, ...spec } };
}

export function route(name: string, backendRefs: Any[], rule: Any = {}, prefix = `/endpoints/${name}`): Any {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name },
    spec: {
      parentRefs: [gatewayPlace],
      rules: [{ matches: [{ path: { type: "PathPrefix", value: prefix } }], ...(backendRefs.length > 0 && { backendRefs }), ...rule }],
    },
  };
}

export function condition(object: Any, type: string): Any {
  return object.status?.conditions?.find((each: Any) => each.type === type);
}

export const isReady = (object: Any): boolean => condition(object, "Ready")?.status === "True";

export function containerState(object: Any, name = "server"): Any {
  const { containerStatuses = [], initContainerStatuses = [] } = object.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find((each: Any) => each.name === name);
}

export const waiting = (object: Any, name = "server"): string | undefined => containerState(object, name)?.state?.waiting?.reason;
