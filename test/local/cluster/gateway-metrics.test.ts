import { readFileSync } from "node:fs";
import { request } from "node:http";
import { Agent } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { SlotRecord } from "../../../domain/deployment.ts";
import { figuresBetween, type SlotReading } from "../../../domain/slot-figures.ts";
import { gatewayMetrics } from "../../../lambdas/adapters/gateway-metrics.ts";
import { kubernetesClient } from "../../../lambdas/adapters/kubernetes-client.ts";
import { clusterRoles } from "../../../lib/cluster/access.ts";
import { ownCluster } from "../../../local/configuration.ts";
import { aHead } from "../../doubles/deployments.ts";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { deployment, deployments, gatewayObjects, route, routes, service, services, slices } from "./support/objects.ts";

const uid = "01KAEXAMPLE0000000FZZ13Q";
const [blue, green, nobody] = ["iris-fzz13q-p1-1", "iris-fzz13q-p2-2", "iris-fzz13q-p3-3"] as const;
const { gateway } = ownCluster();

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster({ authenticate: async () => ({ username: "bake", groups: ["slipway:prober"] }) });
  await it.cluster.apply([...clusterRoles(), ...gatewayObjects]);
  for (const name of [blue, green]) {
    await it.api.create(deployments, deployment(name));
    await it.api.create(services, service(name));
  }
  await it.api.create(services, service(nobody));
  for (const name of [blue, green])
    await it.api.untilAny(slices, (slice) => slice.metadata.name.startsWith(name) && slice.endpoints?.[0]?.conditions.ready === true);
  const only = (name: string) => ({
    matches: [{ path: { type: "PathPrefix", value: `/${name}` } }],
    filters: [{ type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } }],
    backendRefs: [{ name, port: 80, weight: 1 }],
  });
  const one = route("iris-fzz13q", []);
  one.spec.rules = [blue, green, nobody].map(only);
  await it.api.create(routes, one);
  await vi.waitUntil(async () => (await call(green, "/ready")) === 200, 60_000);
});
afterAll(() => it.stop());

function metricsOf() {
  const agent = new Agent({ ca: Buffer.from(it.cluster.certificateAuthority, "base64"), keepAlive: true });
  const connection = { endpoint: new URL(it.cluster.endpoint), agent };
  // The one that Bake has: reading needs no more than the prober's rights.
  const access = { connection: async () => connection, forgetConnection() {}, token: async () => "bake", forgetToken() {} };
  const clock = { now: Date.now, sleep: async () => undefined };
  return gatewayMetrics(async () => kubernetesClient(access, clock));
}

function read(revision: number): Promise<SlotReading> {
  const head = aHead({ id: "iris", uid });
  const { name, namespace, service: proxied, port, settle_seconds, metrics } = gateway;
  head.place = { ...head.place, namespace: "test", gateway: { name, namespace, service: proxied, port, settle_seconds, metrics } };
  const record: SlotRecord = { revision, epoch: revision, role: "active", weight: 50, desired: { predictor: 1, transformer: null } };
  return metricsOf().read(head, record) as Promise<SlotReading>;
}
const figures = async (revision: number, before: SlotReading) => figuresBetween(before, await read(revision));
const call = async (name: string, path: string, init: RequestInit = {}) => {
  const answer = await fetch(`${it.cluster.gatewayUrl}/${name}${path}`, init);
  await answer.arrayBuffer();
  return answer.status;
};
const ask = (name: string, method: string) => request(`${it.cluster.gatewayUrl}/${name}/x`, { method });
const metricsText = async () =>
  (await it.api.get("/api/v1/namespaces/slipway-gateway/services/slipway-gateway:metrics/proxy/metrics")).text;

test("requests and errors are counted for the Service that had them", async () => {
  const [blueBefore, greenBefore] = [await read(1), await read(2)];
  for (let index = 0; index < 6; index += 1) expect(await call(green, "/x", { method: "POST", body: "{}" })).toBe(200);
  await call(green, "/set?live=no");
  for (let index = 0; index < 3; index += 1) expect(await call(green, "/live")).toBe(500);
  expect(await figures(1, blueBefore)).toEqual({ requests: 0, error_rate_percent: 0, latency_p95_ms: null });
  expect(await figures(2, greenBefore)).toMatchObject({ requests: 10, error_rate_percent: 30, latency_p95_ms: expect.any(Number) });
});

test("names, labels and buckets are those of Traefik 3.6", async () => {
  await call(blue, "/x", { method: "PATCH" });
  const labels = `code="200",method="PATCH",protocol="http",service="test-${blue}-http-80@kubernetesgateway"`;
  const lines = (await metricsText()).split("\n");
  expect(lines).toContain(`traefik_service_requests_total{${labels}} 1`);
  expect(lines.filter((line) => line.includes(labels) && line.includes("_seconds_")).map((line) => line.replace(/ [\d.e-]+$/, ""))).toEqual(
    [
      ...["0.1", "0.3", "1.2", "5", "+Inf"].map((limit) => `traefik_service_request_duration_seconds_bucket{${labels},le="${limit}"}`),
      `traefik_service_request_duration_seconds_sum{${labels}}`,
      `traefik_service_request_duration_seconds_count{${labels}}`,
    ],
  );
  const recorded = readFileSync(join(import.meta.dirname, "..", "..", "adapters", "recorded", "traefik-after.txt"), "utf8").split("\n");
  const comments = lines.filter((line) => line.startsWith("#"));
  expect(comments).toHaveLength(6);
  expect(recorded).toEqual(expect.arrayContaining(comments));
});

test("streams of events and methods of one's own are counted as Traefik names them", async () => {
  await call(blue, "/x", { headers: { accept: "application/json, text/event-stream" } });
  const asking = ask(blue, "PROPFIND");
  await new Promise((done, failed) => {
    asking
      .on("response", (answer) => answer.resume().on("end", done))
      .on("error", failed)
      .end();
  });
  const text = await metricsText();
  expect(text).toContain(`{code="200",method="GET",protocol="sse",service="test-${blue}-http-80@kubernetesgateway"} 1`);
  expect(text).toContain(`{code="200",method="EXTENSION_METHOD",protocol="http",service="test-${blue}-http-80@kubernetesgateway"} 1`);
});

test("a caller that does not wait for its answer is a 499, and no error of the model", async () => {
  const before = await read(1);
  const asking = ask(blue, "POST");
  asking.on("error", () => undefined);
  // The server answers when the whole body is there.
  asking.write("never ends", () => asking.destroy());
  await expect.poll(() => figures(1, before)).toMatchObject({ requests: 1, error_rate_percent: 0 });
  expect(await metricsText()).toContain('code="499",method="POST"');
});

test("what no endpoint was asked for is not counted", async () => {
  expect(await call(nobody, "/x")).toBe(503);
  expect(await read(3)).toEqual({});
});

test("an endpoint that refuses is an error of its Service", async () => {
  const before = await read(2);
  const [pod] = (await it.api.get("/api/v1/namespaces/test/pods")).body.items.filter((each: Any) => each.metadata.name.startsWith(green));
  await it.api.call("GET", `/api/v1/namespaces/test/pods/${pod.metadata.name}:8080/proxy/exit?code=0`);
  await expect.poll(() => call(green, "/x"), { interval: 5 }).toBe(503);
  expect((await figures(2, before)).error_rate_percent).toBeGreaterThan(0);
});

test("the gateway's pod is listed as one that runs, and is reached by number, not by name", async () => {
  const { items } = (await it.api.get("/api/v1/namespaces/slipway-gateway/pods")).body;
  expect(items).toMatchObject([{ status: { phase: "Running", podIP: expect.stringMatching(/^10\.244\./) } }]);
  const path = `/api/v1/namespaces/slipway-gateway/pods/${items[0].metadata.name}`;
  expect((await it.api.get(`${path}:9100/proxy/metrics`)).status).toBe(200);
  expect(await it.api.get(`${path}:9100/proxy/else`)).toMatchObject({ status: 404, text: "404 page not found\n" });
  await expect(it.api.get(`${path}:metrics/proxy/metrics`)).rejects.toThrow();
});

test("a Gateway takes its pod with it when it goes", async () => {
  const one = await startTestCluster();
  try {
    await one.cluster.apply(gatewayObjects);
    const collection = "/api/v1/namespaces/slipway-gateway/pods";
    const pod = await one.api.untilAny(collection, (each) => each.status?.phase === "Running");
    await one.api.delete("/apis/gateway.networking.k8s.io/v1/namespaces/slipway-gateway/gateways/slipway");
    await one.api.untilGone(`${collection}/${pod.metadata.name}`);
  } finally {
    await one.stop();
  }
});
