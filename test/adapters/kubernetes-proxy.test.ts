import { describe, expect, it } from "vitest";
import type { Cluster } from "../../lambdas/ports/cluster.ts";
import { type Answering, type ApiServer, breakOff, json, refusal } from "../doubles/api-server.ts";
import { withApiServer } from "./with-api-server.ts";

/** What is passed on to programs in the cluster, and what comes back of them. */
let server: ApiServer;
let cluster: Cluster;
withApiServer((...parts) => {
  [server, cluster] = parts;
});

const target = { namespace: "demo", service: "iris", port: "http" };
const paths = () => server.received.map(({ method, path }) => `${method} ${path}`);
const brokenOff: Answering = (_asked, response) => {
  response.writeHead(200, { "content-length": "100" });
  response.write("{", () => response.destroy());
};

describe("the service proxy", () => {
  it("gives a backend's own 503 as an answer", async () => {
    server.answer(json(503, { error: "model is loading" }, { "x-slipway-route": "3-2" }));
    const answer = await cluster.serviceProxy(target, { method: "GET", path: "/v2/health/ready", timeout_ms: 1000 });
    expect(answer).toMatchObject({ status: 503, body: '{"error":"model is loading"}', headers: { "x-slipway-route": "3-2" } });
    expect(paths()).toEqual(["GET /api/v1/namespaces/demo/services/iris:http/proxy/v2/health/ready"]);
  });

  it("gives the API server's 503 as an error", async () => {
    server.answer(refusal(503, "ServiceUnavailable", 'no endpoints available for service "iris"'));
    const asking = cluster.serviceProxy(target, { method: "GET", path: "/", timeout_ms: 1000 });
    await expect(asking).rejects.toMatchObject({ code: 503, message: 'no endpoints available for service "iris"' });
  });

  it("sends a request once only, and says that no answer came", async () => {
    server.answer(breakOff);
    const asking = cluster.serviceProxy(target, { method: "POST", path: "/v2/models/m/infer", body: "{}", timeout_ms: 30_000 });
    await expect(asking).rejects.toMatchObject({ name: "ClusterUnavailable" });
    expect(server.received).toHaveLength(1);
  });

  it.each<[string, Answering, number, string]>([
    ["does not answer", () => {}, 50, "it took longer than 50 ms"],
    ["breaks its answer off", brokenOff, 30_000, "it broke off"],
  ])("tells a program that %s from an API server that does not", async (_what, program, timeout_ms, message) => {
    const ask = () => cluster.serviceProxy(target, { method: "POST", path: "/v2/models/m/infer", body: "{}", timeout_ms });
    const behind = (itself: Answering) =>
      server.answer((asked, response) => (asked.path === "/version" ? itself : program)(asked, response));
    behind(json(200, { major: "1" }));
    await expect(ask()).rejects.toMatchObject({ name: "KubernetesError", code: 504, message });
    behind(breakOff);
    await expect(ask()).rejects.toMatchObject({ name: "ClusterUnavailable" });
  });

  it("keeps of a long answer what has room in memory, and says that there was more", async () => {
    const megabyte = 1024 * 1024;
    const ask = (more: object = {}) => cluster.serviceProxy(target, { method: "GET", path: "/", timeout_ms: 30_000, ...more });
    server.answer((_received, response) => response.end("x".repeat(3 * megabyte)));
    const { status, is_cut, body } = await ask();
    expect([status, is_cut, body.length]).toEqual([200, true, megabyte]);
    server.answer((_received, response) => response.end("x".repeat(megabyte)));
    expect(await ask()).not.toHaveProperty("is_cut");
    server.answer((_received, response) => response.end("xxx"));
    await expect(ask({ limit_bytes: 2 })).rejects.toThrow("more than 2 bytes");
  });
});

describe("the pod proxy", () => {
  const pod = { namespace: "gateway", pod: "proxy-0", port: 9100 };

  it("asks one pod on its own port, and takes as much as is asked for", async () => {
    const text = "x".repeat(1024 * 1024 + 1);
    server.answer((_received, response) => response.end(text));
    const answer = await cluster.podProxy(pod, { method: "GET", path: "/metrics", timeout_ms: 5000, limit_bytes: text.length });
    expect([answer.status, answer.body.length]).toEqual([200, text.length]);
    expect(paths()).toEqual(["GET /api/v1/namespaces/gateway/pods/proxy-0:9100/proxy/metrics"]);
  });

  it("gives the API server's 404 as an error", async () => {
    server.answer(refusal(404, "NotFound", 'pods "proxy-0" not found'));
    const asking = cluster.podProxy(pod, { method: "GET", path: "/metrics", timeout_ms: 1000 });
    await expect(asking).rejects.toMatchObject({ name: "KubernetesError", code: 404, reason: "NotFound" });
  });
});
