import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { Cluster } from "../../lambdas/ports/cluster.ts";
import type { ApiServer } from "../doubles/api-server.ts";
import { withApiServer } from "./with-api-server.ts";

let server: ApiServer;
let cluster: Cluster;
/** Requests that wait for their answer. */
let open: ServerResponse[];

withApiServer((...parts) => {
  [server, cluster] = parts;
  open = [];
  server.answer((_received, response) => open.push(response));
});

const service = JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name: "iris", namespace: "demo" } });
const answerOne = (status = 200) => open.shift()?.writeHead(status, { "content-type": "application/json" }).end(service);
const asked = () => server.received.map(({ path }) => path.split("/").at(-1));
const get = (name: string) => cluster.get("Service", "demo", name);

describe("requests at once", () => {
  it("are two at most, the others in the order of asking, also after one that failed", async () => {
    const answers = ["one", "two", "three", "four"].map(get);
    await expect.poll(() => open.length).toBe(2);
    expect(asked().toSorted()).toEqual(["one", "two"]);
    answerOne();
    await expect.poll(() => open.length).toBe(2);
    expect(asked()[2]).toBe("three");
    answerOne(503);
    while (server.received.length < 5 || open.length > 0) {
      answerOne();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await Promise.all(answers)).toHaveLength(4);
  });

  it("do not wait for what is passed on to a program, or for a log", async () => {
    const target = { namespace: "demo", service: "iris", port: "http" };
    const proxied = ["/slow", "/slower"].map((path) => cluster.serviceProxy(target, { method: "GET", path, timeout_ms: 60_000 }));
    const log = cluster.podLog("demo", "iris-1", { container: "predictor" });
    await expect.poll(() => open.length).toBe(3);
    const found = get("iris");
    await expect.poll(() => open.length).toBe(4);
    while (open.length > 0) answerOne();
    expect(await Promise.all([found, log, ...proxied])).toHaveLength(4);
  });
});
