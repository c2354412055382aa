import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MetricSeries } from "../../../lambdas/operations/read-metrics.ts";
import { System } from "./system.ts";

/** Answers with the status that the path ends with. */
const model = `
import { createServer } from "node:http";
createServer((request, response) => {
  response.statusCode = Number(/\\d{3}$/.exec(request.url)?.[0] ?? 200);
  response.end("{}");
}).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;

let folder: string;
let system: System;
const tokens: Record<string, string> = {};
let endpoint: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-by-client-"));
  await writeFile(join(folder, "model.mjs"), model);
  const images = { "test/statuses:1": { command: [process.execPath, join(folder, "model.mjs")] } };
  await writeFile(join(folder, "images.json"), JSON.stringify(images));
  system = await System.start(["--no-sample", "--images", join(folder, "images.json")]);
  const deployment = { group: "demo", name: "asked", environment: "staging", access: "private", predictor: { image: "test/statuses:1" } };
  const { body } = await system.call("POST", "/v1/deployments", { body: deployment });
  for (const name of ["billing", "mobile", "silent"])
    tokens[name] = (await system.call("POST", "/v1/deployments/asked/clients", { body: { name } })).body.token;
  await system.until("the deployment runs", async () => {
    const { outcome } = (await system.call("GET", `/v1/operations/${body.operation.id}`)).body;
    return outcome === "SUCCEEDED";
  });
  ({ endpoint } = (await system.call("GET", "/v1/deployments/asked")).body);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ask(authorization: string | undefined, statuses: number[]): Promise<void> {
  for (const status of statuses) {
    const answer = await fetch(`${endpoint}/answer/${status}`, { headers: authorization === undefined ? {} : { authorization } });
    await answer.arrayBuffer();
    expect(answer.status).toBe(status);
  }
}
const basic = (name: string) => `Basic ${Buffer.from(`${name}:${tokens[name]}`).toString("base64")}`;
const metrics = async (query = "") => (await system.call("GET", `/v1/deployments/asked/metrics?by=client${query}`)).body;
const counted = (series: MetricSeries[]) =>
  series.map(({ client, total }) => [client, total.requests, total.client_errors, total.server_errors, total.success_rate_percent]);

describe("metrics by client", () => {
  it("say that nobody has asked", async () => {
    expect(await metrics()).toMatchObject({ series: [], note: expect.stringMatching(/^no request of a client was logged/) });
  });

  it("are what each client was answered, by either way to give a token, and nothing of who has none", async () => {
    await ask(basic("billing"), [200, 200, 200, 404, 500]);
    await ask(`Bearer ${tokens.mobile}`, [200, 503, 503, 422]);
    await ask(undefined, [401]);
    await ask("Bearer wrong", [401]);
    await ask(`Basic ${Buffer.from(`silent:${tokens.mobile}`).toString("base64")}`, [401]);
    await expect
      .poll(async () => counted((await metrics()).series), { timeout: 30_000 })
      .toEqual([
        ["billing", 5, 1, 1, 80],
        ["mobile", 4, 1, 2, 50],
      ]);
    const { series, note, step_seconds } = await metrics("&from=10m&step=60");
    expect([note, step_seconds]).toEqual([null, 60]);
    for (const { points, total, reported } of series as MetricSeries[]) {
      expect(points.reduce((sum, { requests }) => sum + (requests ?? 0), 0)).toBe(total.requests);
      expect(total.latency_p99_ms).toBeGreaterThanOrEqual(0);
      expect(points[0]).toMatchObject({ observed_seconds: 0, requests: null });
      expect(reported).toEqual([]);
    }
  });

  it("are still there when the deployment is public and its client removed", async () => {
    await system.call("DELETE", "/v1/deployments/asked/clients/mobile");
    const { body } = await system.call("PATCH", "/v1/deployments/asked", { body: { access: "public" } });
    await system.until(
      "it is public",
      async () => (await system.call("GET", `/v1/operations/${body.operation.id}`)).body.outcome === "SUCCEEDED",
    );
    const { series, note } = await metrics();
    expect(series.map(({ client }: MetricSeries) => client)).toEqual(["billing", "mobile"]);
    expect(note).toMatch(/^the deployment is public/);
  });
});
