import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { System } from "./system.ts";

let system: System;
let folder: string;
let load: Load;
const id = "switch";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-rollout-"));
  system = await System.start(["--no-sample", "--images", await writeEchoImage(folder)]);
  const started = await system.call("POST", "/v1/deployments?wait=25", {
    body: echoDeployment(id, { predictor: predictor("one"), rollout: { drain_seconds: 1 } }),
  });
  expect(started.body.operation.outcome).toBe("SUCCEEDED");
  load = startLoad(`${system.url}/endpoints/${id}/`);
});
afterAll(async () => {
  await load?.stop();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const predictor = (greeting: string) => ({ image: "test/echo:1", env: [{ name: "GREETING", value: greeting }] });
const patch = (body: object, query = "?wait=25") => system.call("PATCH", `/v1/deployments/${id}${query}`, { body });
const operation = async (operationId: string) => (await system.call("GET", `/v1/operations/${operationId}?wait=25`)).body;
const state = async () => (await system.call("GET", `/v1/deployments/${id}/state`)).body;
const atStep = (name: string) => system.until(`the step is ${name}`, async () => (await state()).operation?.step === name);

describe("under load, without one failed request", () => {
  it("an update moves all traffic to the new revision and keeps the old one warm", async () => {
    const { body } = await patch({ predictor: predictor("two") });
    expect(body.operation).toMatchObject({ outcome: "SUCCEEDED", revision: 2 });
    await load.until("two");
    expect(await state()).toMatchObject({
      status: "RUNNING",
      revisions: { wanted: 2, running: 2 },
      slots: { blue: { revision: 1, role: "warm", weight: 0 }, green: { revision: 2, role: "active", weight: 100 } },
    });
    expect(load.failures).toEqual([]);
  });

  it("a rollback gives the traffic to the warm slot", async () => {
    const { status, body } = await system.call("POST", `/v1/deployments/${id}/rollback?wait=25`, { body: {} });
    expect(status).toBe(202);
    expect(body.operation).toMatchObject({ kind: "ROLLBACK", outcome: "SUCCEEDED", revision: 1 });
    expect(body.operation.steps.map(({ name }: { name: string }) => name)).toEqual(["EnsureCapacity", "ShiftTraffic", "RetireSlot"]);
    await load.until("one");
    expect((await system.call("GET", `/v1/deployments/${id}`)).body.hold).toMatchObject({ reason: expect.stringContaining("revision 1") });
    expect(load.failures).toEqual([]);
  });

  it("a canary gives the new revision its share, waits to be promoted, and then all", async () => {
    const rollout = { strategy: "canary", percent: 50, bake_seconds: 0, manual_promotion: true };
    const { body } = await patch({ predictor: predictor("three"), rollout }, "");
    await atStep("Bake");
    await load.until("three", "one");
    expect(await state()).toMatchObject({ status: "UPDATING", slots: { blue: { weight: 50 }, green: { weight: 50, role: "preview" } } });
    expect((await system.call("POST", `/v1/operations/${body.operation.id}/promote`)).status).toBe(200);
    expect(await operation(body.operation.id)).toMatchObject({
      outcome: "SUCCEEDED",
      evidence: { judgements: [{ weight: 50, passed: true }] },
    });
    await load.until("three");
    expect(load.failures).toEqual([]);
  });

  it("an abort in the middle of a canary gives all traffic back", async () => {
    const { body } = await patch({ predictor: predictor("four") }, "");
    await atStep("Bake");
    await load.until("four", "three");
    expect((await system.call("POST", `/v1/operations/${body.operation.id}/abort`)).body).toMatchObject({ outcome: "CANCELLED" });
    await load.until("three");
    await system.until("only one slot is left", async () => Object.values((await state()).slots).filter(Boolean).length === 1);
    expect(await state()).toMatchObject({ status: "RUNNING", revisions: { running: 3 } });
    expect(load.failures).toEqual([]);
  });

  it("a revision that crashes never has traffic, and the cause is told", async () => {
    const crashing = { image: "test/echo:1", env: [{ name: "MODE", value: "crash" }] };
    const { body } = await patch({ predictor: crashing, rollout: null }, "");
    expect(await operation(body.operation.id)).toMatchObject({
      outcome: "FAILED",
      cause: { message: expect.stringContaining("cannot find the weights") },
    });
    expect(await state()).toMatchObject({ status: "RUNNING", health: "healthy", revisions: { running: 3 } });
    expect(load.failures).toEqual([]);
  });

  it("a revision that passes its tests and errs under load is judged, and rolled back with its numbers", async () => {
    const erring = { image: "test/echo:1", env: [{ name: "MODE", value: "errs" }] };
    const rollout = { strategy: "canary", percent: 20, bake_seconds: 60, auto_rollback: { error_rate_percent: 5, min_requests: 10 } };
    const { body } = await patch({ predictor: erring, rollout }, "");
    const ended = await operation(body.operation.id);
    expect(ended).toMatchObject({ outcome: "ROLLED_BACK", cause: { reason: "ErrorRateTooHigh" } });
    expect(ended.evidence.judgements[0]).toMatchObject({ passed: false, weight: 20, requests: expect.any(Number) });
    expect(ended.evidence.judgements[0].error_rate_percent).toBeGreaterThan(5);
    await load.until("three");
    // What the bad revision itself answered, and nothing else.
    expect(load.failures.length).toBeGreaterThan(0);
    expect(load.failures.filter((failure) => !failure.startsWith("500 {"))).toEqual([]);
    load.failures.length = 0;
    expect((await system.call("GET", `/v1/deployments/${id}`)).body).toMatchObject({
      revisions: { wanted: 3, running: 3 },
      hold: { by: "slipway", reason: expect.stringContaining("was rolled back") },
    });
    expect(load.failures).toEqual([]);
  });

  it("a rollback to any earlier revision brings it up again", async () => {
    const { body } = await system.call("POST", `/v1/deployments/${id}/rollback?wait=25`, { body: { revision: 1 } });
    expect(body.operation).toMatchObject({ kind: "ROLLBACK", outcome: "SUCCEEDED", revision: 1 });
    await load.until("one");
    expect(load.failures).toEqual([]);
    expect(load.answered).toBeGreaterThan(500);
  });
});

interface Load {
  answered: number;
  failures: string[];
  /** Until the last answers are all of one of these greetings, and each of them is among them. */
  until(...greetings: string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Requests one after the other on several connections, half of them on a new one each time. */
function startLoad(url: string): Load {
  const kept = new Agent({ keepAlive: true, maxSockets: 4 });
  const recent: string[] = [];
  let running = true;
  const result: Load = {
    answered: 0,
    failures: [],
    until: (...greetings) =>
      system.until(`answers say ${greetings}`, async () => {
        const last = recent.slice(-20);
        return last.length === 20 && last.every((one) => greetings.includes(one)) && greetings.every((one) => last.includes(one));
      }),
    async stop() {
      running = false;
      await Promise.all(workers);
      kept.destroy();
    },
  };
  const workers = Array.from({ length: 4 }, async (_, worker) => {
    while (running) {
      try {
        const { status, body } = await ask(url, worker % 2 ? kept : undefined);
        if (status === 200) recent.push(JSON.parse(body).greeting);
        else result.failures.push(`${status} ${body.slice(0, 200)}`);
        result.answered += 1;
      } catch (error) {
        result.failures.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  return result;
}

function ask(url: string, agent: Agent | undefined): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: agent ?? new Agent() }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    sent.on("error", reject).end();
  });
}
