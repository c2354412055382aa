import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clockwork } from "./clockwork.ts";
import { System } from "./system.ts";

/** Fails when it is told to, and tells how often it was asked, at another port than where it is asked. */
const model = `
import { createServer } from "node:http";
let asked = 0;
createServer((request, response) => {
  if (!request.url.startsWith("/v2/")) asked += 1;
  response.statusCode = request.url === "/bad" ? 500 : 200;
  response.end("{}");
}).listen(Number(process.env.PORT), "127.0.0.1");
createServer((request, response) => response.end("# TYPE asked_total counter\\nasked_total " + asked + "\\n"))
  .listen(Number(process.env.METRICS_PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;
const deployment = {
  ...{ group: "demo", name: "monitored", environment: "staging", access: "public", enable_monitoring: true },
  predictor: {
    ...{ image: "test/counting:1", env: [{ name: "METRICS_PORT", value: "8082" }] },
    metrics: { names: ["asked_total"], port: 8082 },
  },
  rollout: { drain_seconds: 0, warm_seconds: 0, auto_rollback: { error_rate_percent: 5, min_requests: 20 } },
};

let folder: string;
let system: System;
let clockwork: Clockwork;
let subscriber: Server;
/** Types of the events that the topic has told, in the order in which they came. */
const told: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-metrics-"));
  await writeFile(join(folder, "model.mjs"), model);
  await writeFile(
    join(folder, "images.json"),
    JSON.stringify({ "test/counting:1": { command: [process.execPath, join(folder, "model.mjs")] } }),
  );
  subscriber = createServer(hear).listen(0, "127.0.0.1");
  system = await System.start(["--no-sample", "--images", join(folder, "images.json")]);
  clockwork = new Clockwork(system);
  await clockwork.subscribe(`http://127.0.0.1:${(subscriber.address() as AddressInfo).port}`);
  const created = await system.call("POST", "/v1/deployments", { body: deployment });
  await system.until("the deployment runs", async () => (await get(`/v1/operations/${created.body.operation.id}`)).outcome === "SUCCEEDED");
});
afterAll(async () => {
  await system?.stop();
  subscriber?.close();
  subscriber?.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
});

const hear: Parameters<typeof createServer>[1] = async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { Type, SubscribeURL, Message } = JSON.parse(Buffer.concat(pieces).toString());
  if (Type === "SubscriptionConfirmation") await fetch(SubscribeURL);
  else told.push(JSON.parse(Message)["detail-type"]);
  response.end();
};
const get = async (path: string) => (await system.call("GET", path)).body;
const metrics = (query: string) => get(`/v1/deployments/monitored/metrics?${query}`);
const ask = async (path: string, times: number) => {
  for (let asked = 0; asked < times; asked += 1) await (await fetch(`${system.url}/endpoints/monitored${path}`)).arrayBuffer();
};
const alerts = async (): Promise<string[]> => {
  const { items } = await get("/v1/deployments/monitored/events?limit=100");
  return items
    .map(({ type }: { type: string }) => type)
    .filter((type: string) => type.startsWith("Alert"))
    .toReversed();
};
/** In seconds: readings of one minute are one, so that what is counted between two may take as long to be told. */
const patience = 250;
const timeout = 3 * patience * 1000;

describe("what a deployment has answered", () => {
  it(
    "is told in the time, steps and parts that are asked for, with what its server tells itself",
    async () => {
      await system.until(
        "requests and the server's own values are told",
        async () => {
          await ask("/good", 10);
          await clockwork.run("CollectMetrics");
          const [whole] = (await metrics("from=15m")).series;
          return whole.total.requests > 0 && whole.reported[0]?.total.value > 0;
        },
        patience,
      );
      const { series, ...fine } = await metrics("from=15m&step=60");
      expect(fine).toMatchObject({ step_seconds: 60, note: null, reported_note: null });
      const [{ points, total, reported }] = series;
      const sum = (all: { requests: number | null }[]) => all.reduce((count, { requests }) => count + (requests ?? 0), 0);
      expect(sum(points)).toBe(total.requests);
      expect(total).toMatchObject({ server_errors: 0, success_rate_percent: 100, latency_p95_ms: expect.any(Number) });
      expect(reported).toMatchObject([{ name: "asked_total", kind: "counter", component: "predictor" }]);
      const coarse = await metrics("from=15m&step=300");
      expect(coarse.series[0].points.length).toBeLessThan(points.length);
      expect(sum(coarse.series[0].points)).toBe(total.requests);
      for (const by of ["slot", "revision", "model_version"]) {
        const parts = (await metrics(`from=15m&by=${by}`)).series;
        expect(parts, by).toMatchObject([{ total: { requests: total.requests }, reported: [{ name: "asked_total" }] }]);
      }
    },
    timeout,
  );
});

describe("a deployment that misses its objectives", () => {
  it(
    "is told of as an event and by the topic, and again when it keeps them",
    async () => {
      const judged = async () => {
        await clockwork.run("CollectMetrics");
        await clockwork.run("RaiseAlerts");
        return alerts();
      };
      const raise = async () => {
        await ask("/bad", 20);
        return (await judged()).includes("Alert Raised");
      };
      await system.until("an alert is raised", raise, patience);
      await system.until("the topic tells of it", async () => told.includes("Alert Raised"));
      expect((await metrics("from=15m")).series[0].total.server_errors).toBeGreaterThan(0);
      const clear = async () => {
        await ask("/good", 200);
        return (await judged()).includes("Alert Resolved");
      };
      await system.until("the alert is resolved", clear, patience);
      await system.until("the topic tells of that", async () => told.includes("Alert Resolved"));
      expect((await alerts()).slice(0, 2)).toEqual(["Alert Raised", "Alert Resolved"]);
    },
    timeout,
  );
});

it("lets what its clock runs do what it has to do, and denies it nothing", async () => {
  for (const name of ["CollectMetrics", "RaiseAlerts", "StopSearches", "Sync"]) {
    await system.until(`${name} has run`, () => clockwork.run(name));
  }
  expect(system.output).not.toContain("denied:");
});
