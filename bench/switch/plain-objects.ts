import { predictor } from "./deployment.ts";

/** What somebody writes who has Kubernetes alone: a Deployment that is updated in place, behind the same gateway. */
const name = "plain";
const controlNamespace = "control";
const gatewayApi = "gateway.networking.k8s.io/v1";

const namespace = (called: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name: called } });

/** What the local cluster's gateway needs. */
export const gatewayObjects: object[] = [
  namespace("slipway-gateway"),
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

/** Where a control runs that has no place of its own. */
export const controlPlace = namespace(controlNamespace);

/** One route, and behind it one Deployment under one name. */
export function plainObjects(greeting: string, place = controlNamespace): object[] {
  return [...plainWorkload(greeting, place), plainRoute(name, place)];
}

export function plainWorkload(greeting: string, place: string, called = name): object[] {
  const readinessProbe = { httpGet: { path: "/v2/health/ready", port: "http" }, periodSeconds: 1 };
  const container = { ...predictor(greeting), name, ports: [{ name: "http", containerPort: 8080 }], readinessProbe };
  const metadata = { name: called, namespace: place };
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

export function plainRoute(backend: string, place: string): object {
  const matches = [{ path: { type: "PathPrefix", value: "/" } }];
  return { ...route(name, [{ name: backend, port: 80 }], { matches }), metadata: { name, namespace: place } };
}

/** A route of the Gateway's, below `/endpoints/<name>` unless the rule says otherwise. */
export function route(called: string, backendRefs: object[], rule: object = {}): object {
  return {
    apiVersion: gatewayApi,
    kind: "HTTPRoute",
    metadata: { name: called },
    spec: {
      parentRefs: [{ name: "slipway", namespace: "slipway-gateway" }],
      rules: [{ matches: [{ path: { type: "PathPrefix", value: `/endpoints/${called}` } }], backendRefs, ...rule }],
    },
  };
}
