import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { System } from "./system.ts";

let system: System;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-lifecycle-"));
  system = await System.start(["--no-sample", "--images", await writeEchoImage(folder)]);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("a deployment's life", () => {
  const id = "life";
  let uid: string;

  it("is created without starting: CREATED, STOPPED True, nothing in the cluster", async () => {
    const { status, body } = await system.call("POST", "/v1/deployments", {
      body: echoDeployment(id, { start: false, rollout: { drain_seconds: 1, warm_seconds: 0 } }),
    });
    expect(status).toBe(201);
    uid = body.deployment.uid;
    expect(body.deployment).toMatchObject({ id, group: "demo", status: "CREATED", version: 1, revisions: { wanted: 1, running: null } });
    expect((await state(id)).condition).toMatchObject({ type: "STOPPED", status: "True" });
  });

  it("stores a revision without rolling it out while nothing runs", async () => {
    const patch = { predictor: { env: [{ name: "GREETING", value: "hello" }] }, update_message: "greet" };
    const { status, body } = await system.call("PATCH", `/v1/deployments/${id}`, { body: patch });
    expect(status).toBe(200);
    expect(body.deployment.revisions).toEqual({ wanted: 2, running: null });
    const unchanged = await system.call("PATCH", `/v1/deployments/${id}`, { body: { update_message: "again" } });
    expect(unchanged.body.deployment.revisions.wanted).toBe(2);
  });

  it("starts: 202 with the operation and its place, then RUNNING and READY", async () => {
    const { status, headers, body } = await system.call("POST", `/v1/deployments/${id}/start?wait=25`);
    expect(status).toBe(202);
    expect(headers.get("location")).toBe(`/v1/operations/${body.operation.id}`);
    await settled(id);
    const operation = (await system.call("GET", `/v1/operations/${body.operation.id}`)).body;
    expect(operation).toMatchObject({ kind: "START", outcome: "SUCCEEDED", revision: 2, cause: null });
    expect(operation.steps.map((step: { name: string }) => step.name)).toEqual([
      "Prepare",
      "ProvisionSlot",
      "AwaitReady",
      "ProbeServer",
      "ShiftTraffic",
    ]);
    expect(await state(id)).toMatchObject({
      status: "RUNNING",
      condition: { type: "READY", status: "True" },
      health: "healthy",
      revisions: { wanted: 2, running: 2 },
      instances: { predictor: { ready: 1, desired: 1 }, transformer: null },
      last_operation: { outcome: "SUCCEEDED" },
    });
  });

  it("walked the conditions in their order", async () => {
    const { body } = await system.call("GET", `/v1/deployments/${id}/conditions`);
    const seen = body.items.map((condition: { type: string }) => condition.type).reverse();
    expect([...new Set(seen)].filter((type) => type !== "STOPPED")).toEqual(["SCHEDULED", "INITIALIZED", "STARTED", "READY"]);
  });

  it("answers at its endpoint, through the gateway", async () => {
    const { endpoint } = await state(id);
    expect(endpoint).toBe(`${system.url}/endpoints/${id}`);
    const answer = await fetch(`${endpoint}/anything?x=1`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ url: "/anything?x=1", greeting: "hello" });
  });

  it("shows its instances, and the same when the cluster is read live", async () => {
    const { body } = await system.call("GET", `/v1/deployments/${id}/instances`);
    expect(body.items[0].resources).toMatchObject({ requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "1", memory: "512Mi" } });
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({ component: "predictor", slot: "blue", revision: 2, phase: "Running", ready: true, restarts: 0 });
    const live = (await system.call("GET", `/v1/deployments/${id}/state?live=true`)).body;
    expect(live).toMatchObject({ status: "RUNNING", source: "cluster", instances: { predictor: { ready: 1, desired: 1 } } });
  });

  it("updates beside what serves, and the operation says that nothing is interrupted", async () => {
    const patch = { predictor: { env: [{ name: "GREETING", value: "good day" }] } };
    const { status, body } = await system.call("PATCH", `/v1/deployments/${id}?wait=25`, { body: patch });
    expect(status).toBe(202);
    expect(body.operation).toMatchObject({ kind: "UPDATE", revision: 3, interrupts_serving: false });
    await settled(id);
    expect(await state(id)).toMatchObject({ status: "RUNNING", revisions: { wanted: 3, running: 3 } });
    expect(await (await fetch(`${system.url}/endpoints/${id}/`)).json()).toMatchObject({ greeting: "good day" });
  });

  it("restarts as the same revision with new instances", async () => {
    const before = (await system.call("GET", `/v1/deployments/${id}/instances`)).body.items[0].name;
    expect((await system.call("POST", `/v1/deployments/${id}/restart?wait=25`)).status).toBe(202);
    await settled(id);
    const instances = (await system.call("GET", `/v1/deployments/${id}/instances`)).body.items;
    expect(instances).toHaveLength(1);
    expect(instances[0]).toMatchObject({ revision: 3, ready: true });
    expect(instances[0].name).not.toBe(before);
  });

  it("stops: the endpoint answers no more, nothing runs", async () => {
    expect((await system.call("POST", `/v1/deployments/${id}/stop?wait=25`)).status).toBe(202);
    await settled(id);
    expect(await state(id)).toMatchObject({
      status: "STOPPED",
      condition: { type: "STOPPED", status: "True" },
      revisions: { wanted: 3, running: null },
    });
    expect((await fetch(`${system.url}/endpoints/${id}/`)).status).toBeGreaterThanOrEqual(500);
    expect((await system.call("GET", `/v1/deployments/${id}/instances`)).body.items).toEqual([]);
  });

  it("is deleted only with its name typed, and then no more listed", async () => {
    expect((await system.call("DELETE", `/v1/deployments/${id}?name=other`)).body.code).toBe("invalid-input");
    expect((await system.call("DELETE", `/v1/deployments/${id}?name=${id}&wait=25`)).status).toBe(202);
    await system.until("it is gone from the list", async () => !(await ids()).includes(id));
  });

  it("shows nothing of the deleted one when the id is taken again", async () => {
    const { body } = await system.call("POST", "/v1/deployments", { body: echoDeployment(id, { start: false }) });
    expect(body.deployment.uid).not.toBe(uid);
    expect((await system.call("GET", `/v1/deployments/${id}/operations`)).body.items).toEqual([]);
    expect((await system.call("GET", `/v1/deployments/${id}/events`)).body.items).toHaveLength(2);
    expect((await system.call("GET", `/v1/deployments/${uid}/events`)).body.items.length).toBeGreaterThan(5);
  });
});

describe("a secret value", () => {
  const canary = "canary-5f1d9a";

  it("reaches the server, and no answer or output", async () => {
    const predictor = { image: "test/echo:1", env: [{ name: "API_KEY", value: canary, secret: true }] };
    const created = await system.call("POST", "/v1/deployments?wait=25", { body: echoDeployment("secretive", { predictor }) });
    await settled("secretive");
    expect(await (await fetch(`${system.url}/endpoints/secretive/`)).json()).toMatchObject({ secret_length: canary.length });
    const kept = await system.call("PATCH", "/v1/deployments/secretive?wait=25", {
      body: {
        predictor: {
          env: [
            { name: "API_KEY", secret: true },
            { name: "GREETING", value: "hi" },
          ],
        },
      },
    });
    await settled("secretive");
    expect(await (await fetch(`${system.url}/endpoints/secretive/`)).json()).toMatchObject({
      secret_length: canary.length,
      greeting: "hi",
    });
    const paths = ["", "/events", "/revisions", "/operations", "/state", "/instances", "/conditions"];
    const answers = await Promise.all(paths.map((path) => system.call("GET", `/v1/deployments/secretive${path}`)));
    expect(JSON.stringify([created.body, kept.body, answers.map(({ body }) => body)])).not.toContain(canary);
    expect(system.output).not.toContain(canary);
  });
});

describe("events", () => {
  it("are gapless by sequence and say who did what", async () => {
    const { body } = await system.call("POST", "/v1/deployments?wait=25", { body: echoDeployment("events") });
    await settled("events");
    const events = (await system.call("GET", "/v1/deployments/events/events")).body.items;
    expect(events.map((event: { sequence: number }) => event.sequence)).toEqual(
      events.map((_: unknown, index: number) => events.length - index),
    );
    expect(events.at(-1)).toMatchObject({ type: "Deployment Created", actor: expect.stringContaining("member") });
    expect(events[0].operation_id).toBe(body.operation.id);
  });
});

async function state(id: string) {
  return (await system.call("GET", `/v1/deployments/${id}/state`)).body;
}
async function settled(id: string): Promise<void> {
  await system.until(`${id} has settled`, async () => !(await state(id)).operation);
}
async function ids(): Promise<string[]> {
  return (await system.call("GET", "/v1/deployments")).body.items.map((item: { id: string }) => item.id);
}
