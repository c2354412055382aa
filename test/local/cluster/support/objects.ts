import { gatewayObjects, route as routeTo } from "../../../../bench/switch/plain-objects.ts";
import type { Any } from "./api-client.ts";

export { gatewayObjects };

export const namespaced = "/api/v1/namespaces/test";
export const pods = `${namespaced}/pods`;
export const services = `${namespaced}/services`;
export const secrets = `${namespaced}/secrets`;

export const deployments = "/apis/apps/v1/namespaces/test/deployments";

export const routes = "/apis/gateway.networking.k8s.io/v1/namespaces/test/httproutes";
export const slices = "/apis/discovery.k8s.io/v1/namespaces/test/endpointslices";

export const readinessProbe = { httpGet: { path: "/ready", port: "http" }, periodSeconds: 1 };

export function container(changes: Any = {}): Any {
  return { name: "server", image: "test/server:1", ports: [{ name: "http", containerPort: 8080 }], readinessProbe, ...changes };
}

export function pod(name: string, spec: Any = {}, changes: Any = {}): Any {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, labels: { app: name } }, spec: { containers: [container(changes)], ...spec } };
}

export function deployment(name: string, changes: Any = {}, spec: Any = {}, podSpec: Any = {}): Any {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container(changes)], ...podSpec } },
      ...spec,
    },
  };
}

export function service(name: string): Any {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
  };
}

export const route: (name: string, backendRefs: Any[], rule?: Any) => Any = routeTo;

export function condition(object: Any, type: string): Any {
  return object.status?.conditions?.find((each: Any) => each.type === type);
}

export function isReady(object: Any): boolean {
  return condition(object, "Ready")?.status === "True";
}

export function containerState(object: Any, name = "server"): Any {
  return [...(object.status?.containerStatuses ?? []), ...(object.status?.initContainerStatuses ?? [])].find(
    (each: Any) => each.name === name,
  );
}
