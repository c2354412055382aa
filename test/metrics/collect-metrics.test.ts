import { beforeEach, expect, it } from "vitest";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels } from "../../domain/names.ts";
import { gatewayFigures } from "../../lambdas/adapters/gateway-metrics.ts";
import { prometheusValues } from "../../lambdas/adapters/prometheus-values.ts";
import { collectMetrics } from "../../lambdas/metrics/collect-metrics.ts";
import { MemoryCluster } from "../doubles/memory-cluster.ts";
import { MemoryMetrics } from "../doubles/memory-metrics.ts";
import { TestClock } from "../doubles/test-clock.ts";

const metrics = { dialect: "traefik", namespace: "gateway", service: "data-plane", port: 9100, path: "/metrics" } as const;
const [first, second] = ["01KAEXAMPLE0000000FZZ13Q00", "01KAEXAMPLE0000000FZZ13Q01"];

let cluster: MemoryCluster;
let store: MemoryMetrics;
let asked: string[];
let warned: string[];
const clock = new TestClock();

beforeEach(() => {
  [cluster, store, asked, warned] = [new MemoryCluster(), new MemoryMetrics(), [], []];
});

function collect(names = ["local"], clusters = async (_name: string) => cluster): Promise<void> {
  const log = { warn: (message: string) => void warned.push(message) };
  const ports = { clusters, figures: gatewayFigures(clusters), values: prometheusValues(clusters), store, clock, log };
  return collectMetrics(
    names.map((name) => ({ cluster: name, metrics })),
    ports,
  );
}

function gatewaySays(text: string): void {
  cluster.put({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "data-plane-1", namespace: "gateway", labels: { "kubernetes.io/service-name": "data-plane" } },
    endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true }, targetRef: { kind: "Pod", name: "one" } }],
  } as KubernetesObject);
  cluster.backends.set("one", ({ path }) => {
    asked.push(path);
    return { status: 200, body: text };
  });
}
const counted = (service: string, requests: number) =>
  `traefik_service_requests_total{code="200",service="models-${service}-http-80@kubernetesgateway"} ${requests}`;

function serviceOf(uid: string, name: string, component: string, slot = "blue"): void {
  const own = { [labels.uid]: uid, [labels.deployment]: "iris", [labels.slot]: slot, [labels.revision]: "3", [labels.epoch]: "5" };
  cluster.put({
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      ...{ name, namespace: "models", creationTimestamp: "2026-11-21T08:00:00Z" },
      labels: { ...own, [labels.managedBy]: "slipway", [labels.component]: component },
    },
  });
}
const keptOf = (uid: string) => (store.readings.get(uid) ?? []).map(({ slot, counters }) => [slot, ...Object.values(counters)]);

it("keeps what the gateway has counted for each slot, reading each replica once", async () => {
  serviceOf(first, "iris-a", "predictor");
  serviceOf(second, "iris-b", "predictor", "green");
  gatewaySays([counted("iris-a", 4), counted("iris-b", 9)].join("\n"));
  await collect();
  expect(store.readings.get(first)).toEqual([
    {
      ...{ at: clock.now(), slot: "blue", revision: 3, epoch: 5, made_at: Date.parse("2026-11-21T08:00:00Z") },
      counters: { "one models-iris-a-http-80@kubernetesgateway": { requests: 4, client_errors: 0, errors: 0, latency: [] } },
    },
  ]);
  expect(keptOf(second)).toMatchObject([["green", { requests: 9 }]]);
  expect(asked).toEqual(["/metrics"]);
});

it("reads the Service of the transformer where there is one: the predictor's is asked by it", async () => {
  serviceOf(first, "iris-p", "predictor");
  serviceOf(first, "iris-t", "transformer");
  gatewaySays([counted("iris-p", 1), counted("iris-t", 2)].join("\n"));
  await collect();
  expect(keptOf(first)).toMatchObject([["blue", { requests: 2 }]]);
});

it("keeps that a slot was asked for nothing, too", async () => {
  serviceOf(first, "iris-a", "predictor");
  gatewaySays(counted("other", 1));
  await collect();
  expect(keptOf(first)).toEqual([["blue"]]);
});

it("asks no gateway where nothing of ours runs", async () => {
  gatewaySays("");
  await collect();
  expect([asked, warned]).toEqual([[], []]);
});

it("says which cluster could not be read, and reads the others", async () => {
  serviceOf(first, "iris-a", "predictor");
  gatewaySays(counted("iris-a", 4));
  await collect(["gone", "local"], async (name) => {
    if (name === "gone") throw new Error("no route to host");
    return cluster;
  });
  expect(warned).toEqual([expect.stringContaining("cluster gone")]);
  expect(keptOf(first)).toHaveLength(1);
});
