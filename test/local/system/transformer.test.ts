import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LoadClient, patientMs } from "../../../bench/switch/load-client.ts";
import type { Kind } from "../../../domain/kubernetes.ts";
import type { Cluster } from "../../../lambdas/ports/cluster.ts";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { clusterOf } from "./operator.ts";
import { type Answer, System } from "./system.ts";

/** Asks the predictor what it was asked, and puts the answer into its own. */
const transformerServer = `
import { createServer } from "node:http";
const { PORT, PREDICTOR_HOST, PREDICTOR_PROTOCOL, MODEL_NAME, GREETING = "none", MODE, TOKEN = "" } = process.env;
if (MODE === "crash") { console.error("cannot find the vocabulary"); process.exit(4); }
createServer(async (request, response) => {
  const own = request.url.startsWith("/v2/health/");
  const asked = own ? undefined : await fetch("http://" + PREDICTOR_HOST + request.url);
  response.writeHead(asked?.status ?? 200, { "content-type": "application/json", "x-model": GREETING });
  const predictor = await asked?.json();
  response.end(JSON.stringify({ by: GREETING, protocol: PREDICTOR_PROTOCOL, model: MODEL_NAME, secret_length: TOKEN.length, predictor }));
}).listen(Number(PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;

const id = "wrapped";
const canary = "token-canary-8d1f";
let system: System;
let folder: string;
let cluster: Cluster;
let uid: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-transformer-"));
  const images = await writeEchoImage(folder);
  const script = join(folder, "transformer.mjs");
  await writeFile(script, transformerServer);
  const known = JSON.parse(await readFile(images, "utf8"));
  await writeFile(images, JSON.stringify({ ...known, "test/wrap:1": { command: [process.execPath, script] } }));
  system = await System.start(["--no-sample", "--images", images]);
  cluster = await clusterOf(system);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const transformer = (...env: { name: string; value?: string; secret?: boolean }[]) => ({ image: "test/wrap:1", env });
const greeting = (value: string) => ({ name: "GREETING", value });
const token = { name: "TOKEN", secret: true };
const change = (body: object) => system.call("PATCH", `/v1/deployments/${id}`, { body });
const predicted = async () => (await fetch(`${system.url}/endpoints/${id}/predict`)).json();
const stateOf = async (query = "") => (await system.call("GET", `/v1/deployments/${id}/state${query}`)).body;

async function ended({ status, body }: Answer) {
  expect([status, body]).toEqual([202, expect.anything()]);
  const path = `/v1/operations/${body.operation.id}`;
  await system.until(`${path} has ended`, async () => (await system.call("GET", `${path}?wait=25`)).body.outcome !== null, 150);
  return (await system.call("GET", path)).body;
}

const workloads: Kind[] = ["Deployment", "ReplicaSet", "Pod", "Service", "Secret", "HorizontalPodAutoscaler", "PodDisruptionBudget"];

/** What is in the cluster of the deployment, of one component or of both. */
async function objects(labels: Record<string, string> = {}) {
  const scope = { namespace: null, labels: { "slipway.dev/uid": uid, ...labels } };
  const lists = await Promise.all(workloads.map((kind) => cluster.list(kind, scope)));
  return lists.flatMap(({ items }) => items);
}

describe("a deployment with a transformer", () => {
  it("starts as two components, each with objects and instances of its own", async () => {
    const smoke_tests = [
      { name: "wraps", method: "GET", path: "/predict", expect: { status: 200, json: { by: "one", "predictor.url": "/predict" } } },
    ];
    const rollout = { drain_seconds: 2, warm_seconds: 600 };
    const scaling_config = { min_replicas: 2, max_replicas: 2 };
    const withSecret = { ...transformer(greeting("one"), { ...token, value: canary }), scaling_config };
    const body = echoDeployment(id, { transformer: withSecret, smoke_tests, rollout });
    const created = await system.call("POST", "/v1/deployments", { body });
    uid = created.body.deployment.uid;
    const operation = await ended(created);
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    expect(operation.evidence.smoke_tests.map(({ name }: { name: string }) => name)).toEqual([
      "server is live",
      "model is ready",
      "model metadata",
      "transformer is live",
      "transformer is ready",
      "wraps",
    ]);
    expect(operation.evidence.digests).toEqual({
      predictor: expect.stringMatching(/^sha256:/),
      transformer: expect.stringMatching(/^sha256:/),
    });
    expect(await stateOf()).toMatchObject({
      status: "RUNNING",
      health: "healthy",
      instances: { predictor: { ready: 1, desired: 1 }, transformer: { ready: 2, desired: 2 } },
      slots: { blue: { ready: 3, desired: 3, weight: 100 } },
    });
    const instances = (await system.call("GET", `/v1/deployments/${id}/instances`)).body.items;
    expect(instances.map(({ component }: { component: string }) => component)).toEqual(["predictor", "transformer", "transformer"]);
    expect((await objects({ "slipway.dev/component": "transformer" })).map(({ kind }) => kind).sort()).toEqual([
      "Deployment",
      "Pod",
      "Pod",
      "PodDisruptionBudget",
      "ReplicaSet",
      "Secret",
      "Service",
    ]);
  });

  it("answers through the transformer, which asks the predictor of its slot", async () => {
    expect(await predicted()).toEqual({
      by: "one",
      protocol: "v2",
      model: id,
      secret_length: canary.length,
      predictor: { url: "/predict", greeting: null, secret_length: 0 },
    });
  });

  it("keeps the transformer's secret to itself", async () => {
    const told = await Promise.all(
      ["", "/state", "/events", "/revisions", "/operations"].map((path) => system.call("GET", `/v1/deployments/${id}${path}`)),
    );
    expect(JSON.stringify(told.map(({ body }) => body))).not.toContain(canary);
    expect(told[0]?.body.specification.transformer.env).toContainEqual(token);
  });

  it("gets other transformers, with the same predictor, without losing a request; what is left is drained under load", async () => {
    const load = new LoadClient({ url: `${system.url}/endpoints/${id}/predict`, rate: 30, timeoutMs: patientMs }, "all");
    const rollout = { warm_seconds: 0 };
    try {
      for (const word of ["between", "two"]) {
        const operation = await ended(await change({ transformer: { env: [greeting(word), token] }, smoke_tests: [], rollout }));
        expect(operation).toMatchObject({ outcome: "SUCCEEDED" });
        expect(operation.steps.at(-1).name).toBe("RetireSlot");
        await system.until("it has answered for a while", async () => (load.counted("all").greetings[word] ?? 0) > 30);
      }
    } finally {
      const { all } = await load.stop();
      const some = expect.any(Number);
      expect(all).toMatchObject({ refusals: 0, modelErrors: 0, greetings: { one: some, between: some, two: some } });
      expect(all?.failures).toEqual({});
    }
    expect(await predicted()).toMatchObject({ by: "two", secret_length: canary.length });
  });

  it("goes on with its old transformer when the new one cannot start, and says whose fault it is", async () => {
    const operation = await ended(await change({ transformer: { env: [{ name: "MODE", value: "crash" }] } }));
    expect(operation).toMatchObject({ outcome: "FAILED", cause: { reason: "CrashLoopBackOff" } });
    expect(operation.cause.message).toMatch(
      /^transformer of revision 4 \(green\): the server crashed \(exit code 4, .*\): cannot find the vocabulary( \(\d of 2 instances\))?$/,
    );
    expect(operation.evidence.logs[0]).toMatchObject({ component: "transformer", lines: ["cannot find the vocabulary"] });
    expect(await predicted()).toMatchObject({ by: "two" });
    expect(await stateOf()).toMatchObject({ status: "RUNNING", health: "healthy", revisions: { wanted: 4, running: 3 } });
  });

  it("has failed as long as its transformer is gone, and names it", async () => {
    const [gone] = (await objects({ "slipway.dev/component": "transformer" })).filter(({ kind }) => kind === "Deployment");
    const { name = "", namespace = null, uid: own = "" } = gone?.metadata ?? {};
    await cluster.remove("Deployment", namespace, name, own);
    await system.until("no instance of it is left", async () => (await stateOf("?live=true")).instances.transformer.ready === 0);
    const state = await stateOf("?live=true");
    expect(state).toMatchObject({ health: "failed", instances: { predictor: { ready: 1, desired: 1 } } });
    expect(state.condition.message).toMatch(/^transformer of revision 3 \(blue\): its Deployment is not in the cluster/);
    expect((await ended(await system.call("POST", `/v1/deployments/${id}/restart`))).outcome).toBe("SUCCEEDED");
    expect(await predicted()).toMatchObject({ by: "two" });
  });

  it("loses its transformer by an update like any other, and gets it back by a rollback", async () => {
    expect((await ended(await change({ transformer: null }))).outcome).toBe("SUCCEEDED");
    expect(await predicted()).toMatchObject({ url: "/predict" });
    expect((await stateOf()).instances).toEqual({ predictor: { ready: 1, desired: 1 }, transformer: null });
    expect((await ended(await system.call("POST", `/v1/deployments/${id}/rollback`, { body: {} }))).outcome).toBe("SUCCEEDED");
    expect(await predicted()).toMatchObject({ by: "two" });
    expect((await stateOf()).instances.transformer).toEqual({ ready: 2, desired: 2 });
    const { body } = await system.call("GET", `/v1/deployments/${id}/revisions/3/compare/5`);
    expect(body.differences.map(({ path }: { path: string }) => path)).toEqual(["resolved.transformer", "specification.transformer"]);
  });

  it("leaves nothing of either component when it is deleted", async () => {
    expect((await ended(await system.call("DELETE", `/v1/deployments/${id}?name=${id}`))).outcome).toBe("SUCCEEDED");
    expect(await objects()).toEqual([]);
  });
});
