import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { SlotRecord } from "../../domain/deployment.ts";
import type { GatewayMetricsPlace } from "../../domain/place.ts";
import { figuresBetween, type SlotReading } from "../../domain/slot-figures.ts";
import { gatewayMetrics } from "../../lambdas/adapters/gateway-metrics.ts";
import { aHead } from "../doubles/deployments.ts";
import { MemoryCluster } from "../doubles/memory-cluster.ts";

/** Of one replica of Traefik 3.6, whose route had both Services with equal weights; 20 rounds of two requests between them. */
const recorded = (name: string) => readFileSync(join(import.meta.dirname, "recorded", `${name}.txt`), "utf8");

const uid = "01KAEXAMPLE0000000FZZ13Q";
const slot = (revision: number, transformer: number | null = null): SlotRecord => ({
  ...{ revision, epoch: revision, role: "active", weight: 50 },
  desired: { predictor: 1, transformer },
});
const predictor = slot(1);
const transformer = slot(2, 1);

let cluster: MemoryCluster;
beforeEach(() => {
  cluster = new MemoryCluster();
});

const place = (dialect: GatewayMetricsPlace["dialect"]): GatewayMetricsPlace => ({
  ...{ dialect, namespace: "gateway", service: "data-plane", port: 9100, path: "/metrics" },
});
function headOf(metrics: GatewayMetricsPlace | null) {
  const head = aHead({ id: "iris", uid });
  head.place = { ...head.place, namespace: "figures", gateway: { ...head.place.gateway, metrics } };
  return head;
}
const read = (record: SlotRecord, metrics: GatewayMetricsPlace | null = place("traefik")) =>
  gatewayMetrics(async () => cluster).read(headOf(metrics), record);

/** Pods behind the Service, by name, and what each answers on its port. */
function serving(texts: Record<string, string | { status: number; body: string }>): void {
  cluster.put({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "data-plane-1", namespace: "gateway", labels: { "kubernetes.io/service-name": "data-plane" } },
    endpoints: Object.keys(texts).map((name) => ({
      addresses: ["10.0.0.1"],
      conditions: { ready: !name.startsWith("unready") },
      targetRef: { kind: "Pod", name },
    })),
  });
  for (const [pod, text] of Object.entries(texts)) {
    if (text === "gone") continue;
    cluster.backends.set(pod, ({ path, method }, { namespace, port }) => {
      expect([namespace, port, method, path]).toEqual(["gateway", 9100, "GET", "/metrics"]);
      return typeof text === "string" ? { status: 200, body: text } : text;
    });
  }
}

describe("Traefik", () => {
  it("is read for the Service of the slot's entry, whichever method, code and protocol", async () => {
    serving({ one: recorded("traefik-before") });
    expect(await read(predictor)).toEqual({
      "one figures-iris-fzz13q-p1-1-http-80@kubernetesgateway": {
        requests: 16,
        client_errors: 2,
        errors: 2,
        latency: [100, 300, 1200, 5000, Number.POSITIVE_INFINITY].map((at_most_ms) => ({ at_most_ms, requests: 16 })),
      },
    });
    expect(await read(transformer)).toMatchObject({
      "one figures-iris-fzz13q-t2-2-http-80@kubernetesgateway": { requests: 15, errors: 2 },
    });
  });

  it("gives by two readings what happened between them", async () => {
    serving({ one: recorded("traefik-before") });
    const before = await read(transformer);
    serving({ one: recorded("traefik-after") });
    const after = await read(transformer);
    expect(figuresBetween(before as SlotReading, after as SlotReading)).toMatchObject({ requests: 20, error_rate_percent: 20 });
  });

  it("is read from each replica that takes requests, and from none that has gone meanwhile", async () => {
    serving({ one: recorded("traefik-before"), two: recorded("traefik-after"), unready: "x", three: "gone" });
    const reading = (await read(predictor)) as SlotReading;
    expect(Object.entries(reading).map(([replica, { requests }]) => [replica.split(" ")[0], requests])).toEqual([
      ["one", 16],
      ["two", 36],
    ]);
  });

  it("has counted nothing for a Service that it has sent nothing to", async () => {
    serving({ one: recorded("traefik-before") });
    expect(await read(slot(3))).toEqual({});
  });

  it("does not take another Service's requests for this one's", async () => {
    const others = ["-http-8080", "1-http-80", "-http-80x", "-http-"].map((end) => `figures-iris-fzz13q-p1-1${end}@kubernetesgateway`);
    const near = ["x-figures-iris-fzz13q-p1-1-http-80@kubernetesgateway", "figures-iris-fzz13q-p1-1-http-80@file"];
    const routed = ["route-svc-figures-iris-fzz13q-p1-1-1-0@kubernetesgateway", "r-svc-other-iris-fzz13q-p1-1-0@kubernetesgateway"];
    const lines = [...others, ...near, ...routed].map((name) => `traefik_service_requests_total{code="500",service="${name}"} 7`);
    serving({ one: lines.join("\n") });
    expect(await read(predictor)).toEqual({});
  });

  it("is understood when it names the Service by route, rule and position, each position on its own", async () => {
    const name = (position: number) =>
      `httproute-figures-iris-fzz13q-gw-gateway-slipway-ep-web-0-af329269dd38031b03e3-svc-figures-iris-fzz13q-p1-1-${position}@kubernetesgateway`;
    const line = (position: number, code: number, count: number) =>
      `traefik_service_requests_total{code="${code}",method="GET",protocol="http",service="${name(position)}"} ${count}`;
    serving({ one: [line(0, 200, 5), line(0, 502, 1), line(12, 200, 1), line(12, 404, 2)].join("\n") });
    const reading = (await read(predictor)) as SlotReading;
    expect(Object.values(reading)).toEqual([
      { requests: 6, client_errors: 0, errors: 1, latency: [] },
      { requests: 3, client_errors: 2, errors: 0, latency: [] },
    ]);
  });
});

describe("Envoy Gateway", () => {
  const cluster_of = (name: string) => [
    `envoy_cluster_upstream_rq_total{envoy_cluster_name="${name}"} 44`,
    `envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="${name}"} 37`,
    `envoy_cluster_upstream_rq_xx{envoy_response_code_class="4",envoy_cluster_name="${name}"} 3`,
    `envoy_cluster_upstream_rq_xx{envoy_response_code_class="5",envoy_cluster_name="${name}"} 4`,
    `envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="${name}",le="0.5"} 0`,
    `envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="${name}",le="25"} 30`,
    `envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="${name}",le="+Inf"} 44`,
  ];
  const other = cluster_of("service/figures/iris-fzz13q-p1-11/80/http");

  it.each(["service/figures/iris-fzz13q-p1-1/80/http", "service/figures/iris-fzz13q-p1-1/80"])(
    "counts for each Service: %s",
    async (name) => {
      serving({ one: [...cluster_of(name), ...other].join("\n") });
      expect(await read(predictor, place("envoy"))).toEqual({
        [`one ${name}`]: {
          requests: 44,
          client_errors: 3,
          errors: 4,
          latency: [
            { at_most_ms: 0.5, requests: 0 },
            { at_most_ms: 25, requests: 30 },
            { at_most_ms: Number.POSITIVE_INFINITY, requests: 44 },
          ],
        },
      });
    },
  );

  it.each(["httproute/figures/iris-fzz13q/rule/0", "httproute/figures/iris-fzz13q/rule/0/backend/1"])(
    "tells nothing where it counts for the route: %s",
    async (name) => {
      serving({ one: [...other, `envoy_cluster_upstream_rq_total{envoy_cluster_name="${name}"} 0`].join("\n") });
      expect(await read(predictor, place("envoy"))).toBeUndefined();
    },
  );

  it("has counted nothing for a Service that it has sent nothing to, whatever other routes do", async () => {
    serving({ one: [...other, ...cluster_of("httproute/figures/iris-fzz13q2/rule/0")].join("\n") });
    expect(await read(predictor, place("envoy"))).toEqual({});
  });
});

describe("a gateway that", () => {
  it("names no metrics tells none", async () => {
    expect(await read(predictor, null)).toBeUndefined();
  });

  it.each([
    ["has no ready pod", { unready: "x" }, 503, "no pod is ready behind the gateway's Service gateway/data-plane"],
    [
      "answers 404",
      { one: { status: 404, body: "404 page not found" } },
      404,
      "pod gateway/one gives no metrics that begin with traefik_ on port 9100, /metrics, but 404",
    ],
    ["answers with another's metrics", { one: "envoy_server_live 1\n" }, 502, "gives no metrics that begin with traefik_"],
    ["answers with what is no metrics", { one: "<html>traefik_</html>" }, 502, "<html>"],
  ])("%s is an error", async (_what, texts, code, message) => {
    serving(texts as never);
    await expect(read(predictor)).rejects.toMatchObject({ name: "KubernetesError", code, message: expect.stringContaining(message) });
  });

  it("writes what cannot be read is an error that names the line", async () => {
    serving({ one: 'traefik_service_requests_total{code="200" 3\n' });
    await expect(read(predictor)).rejects.toThrow("not a sample");
  });
});
