import { predictor } from "./deployment.ts";

/** What somebody writes who has Kubernetes alone: a Deployment that is updated in place, behind the same gateway. */
const name = "plain";
const controlNamespace = "control";
const gatewayApi = "gateway.networking.k8s.io/v1";

export const gatewayObjects: object[] = [
  ...["slipway-gateway", controlNamespace].map((each) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name: each } })),
  {
    apiVersion: gatewayApi,
    kind: "GatewayClass",
    metadata: { name: "local" },
    spec: { controllerName: "slipway.dev/local-gateway" },
  },
  {
    apiVersion: gatewayApi,
    kind: "Gateway",
    metadata: { name: "slipway", namespace: "slipway-gateway" },
    spec: {
      gatewayClassName: "local",
      listeners: [{ name: "http", protocol: "HTTP", port: 80, allowedRoutes: { namespaces: { from: "All" } } }],
    },
  },
];

/** One route, and behind it one Deployment under one name. */
export function plainObjects(greeting: string, namespace = controlNamespace): object[] {
  return [...plainWorkload(greeting, namespace), plainRoute(name, namespace)];
}

export function plainWorkload(greeting: string, namespace: string, called = name): object[] {
  const readinessProbe = { httpGet: { path: "/v2/health/ready", port: "http" }, periodSeconds: 1 };
  const container = { ...predictor(greeting), name, ports: [{ name: "http", containerPort: 8080 }], readinessProbe };
  const metadata = { name: called, namespace };
  const labels = { app: called };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
  ];
}

export function plainRoute(backend: string, namespace: string): object {
  return {
    apiVersion: gatewayApi,
    kind: "HTTPRoute",
    metadata: { name, namespace },
    spec: {
      parentRefs: [{ name: "slipway", namespace: "slipway-gateway" }],
      rules: [{ matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs: [{ name: backend, port: 80 }] }],
    },
  };
}
