import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Counts, changesOf, countsOf, total, writesOf } from "../../../bench/counts.ts";
import { hasEnded, readTrace } from "../../../bench/trace.ts";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { type Answer, System } from "./system.ts";

let system: System;
let folder: string;
let trace: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-counts-"));
  trace = join(folder, "trace.jsonl");
  system = await System.start(["--no-sample", "--trace", trace, "--images", await writeEchoImage(folder)]);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Of one operation that runs alone, from its request to its end. */
async function countsFor(request: () => Promise<Answer>): Promise<Counts> {
  const before = readTrace(trace).length;
  const { status, body } = await request();
  expect(status).toBe(202);
  await system.until("the operation has ended", async () => hasEnded(readTrace(trace, before), body.operation.id));
  return countsOf(readTrace(trace, before));
}
const create = (id: string, over: object = {}) =>
  system.call("POST", "/v1/deployments", { body: echoDeployment(id, { start: false, rollout: { drain_seconds: 0 }, ...over }) });
const start = (id: string) => countsFor(() => system.call("POST", `/v1/deployments/${id}/start`));

/** How often AwaitReady writes what it sees depends on how many changes it sees at once, and what it says on how long each lasts. */
const observing = "AwaitReady PutItem";
function withoutObserving({ write_units, requests }: Counts, mostUnitsEach: number): Record<string, number> {
  const { [observing]: units = 0, ...others } = write_units;
  expect(requests[observing]).toBeGreaterThan(0);
  expect(requests[observing]).toBeLessThanOrEqual(8);
  expect(units / (requests[observing] ?? 0)).toBeLessThanOrEqual(mostUnitsEach);
  return others;
}

/** ReplicaSets and events only when there is something to explain. */
const watched = { "watch deployments": 1, "watch pods": 1 };
const steps = { Prepare: 1, ProvisionSlot: 1, AwaitReady: 1, ProbeServer: 1, SendSmokeTests: 1, ShiftTraffic: 1 };
const slot = { "create services": 1, "create deployments": 1 };
const shift = { "patch httproutes": 1 };
const stepUnits = {
  "ProvisionSlot UpdateItem": 1,
  "AwaitReady UpdateItem": 2,
  "ProbeServer UpdateItem": 2,
};

/** What an operation costs, on the whole system. A larger number here is a larger bill, or a longer wait. */
describe("a first START in a namespace", () => {
  it("makes what the namespace needs, once", async () => {
    await create("count-first");
    expect(writesOf(await start("count-first"))).toEqual({
      Prepare: {
        "create namespaces": 1,
        "create serviceaccounts": 1,
        "create networkpolicies": 1,
        "create resourcequotas": 1,
        "create httproutes": 1,
      },
      ProvisionSlot: slot,
      ShiftTraffic: shift,
    });
  });
});

describe("a START", () => {
  let counts: Counts;
  beforeAll(async () => {
    await create("count-next");
    counts = await start("count-next");
  });

  it("takes 12 transitions over both machines, and one invocation for each step", () => {
    expect(counts.transitions).toEqual({ RolloutWorkflow: 10, SmokeTestWorkflow: 2 });
    expect(counts.invocations).toEqual({ ChangeRecord: 1, ...steps, Complete: 1 });
  });

  it("asks the cluster for one change beyond what it creates", () => {
    expect(writesOf(counts)).toEqual({ Prepare: { "create httproutes": 1 }, ProvisionSlot: slot, ShiftTraffic: shift });
    expect(changesOf(counts)).toBe(1);
  });

  it("reads the cluster a fixed number of times before traffic moves, and lists nothing", () => {
    const { Prepare, AwaitReady, ProbeServer } = counts.cluster;
    expect(Prepare).toMatchObject({
      "get namespaces": 1,
      "get serviceaccounts": 1,
      "get networkpolicies": 1,
      "get resourcequotas": 1,
      "get httproutes": 1,
    });
    expect(AwaitReady).toMatchObject(watched);
    expect(ProbeServer).toEqual({ "get services/proxy": 3 });
    const all = Object.values(counts.cluster).flatMap(Object.keys);
    expect(all.filter((request) => request.startsWith("list "))).toEqual([]);
  });

  it("reads the record for 8.5 units", () => {
    expect(total(counts.read_units)).toBe(8.5);
  });

  it("writes the record for 20 units and what is seen while waiting", () => {
    const expected = {
      "ChangeRecord TransactWriteItems": 6,
      ...stepUnits,
      "ShiftTraffic UpdateItem": 2,
      "Complete TransactWriteItems": 7,
    };
    expect(withoutObserving(counts, 1)).toEqual(expected);
    expect(total(expected)).toBe(20);
  });
});

describe("an UPDATE all at once", () => {
  let counts: Counts;
  beforeAll(async () => {
    const patch = { predictor: { env: [{ name: "GREETING", value: "hello" }] } };
    counts = await countsFor(() => system.call("PATCH", "/v1/deployments/count-next", { body: patch }));
  });

  it("takes 12 transitions over both machines, and one invocation for each step", () => {
    expect(counts.transitions).toEqual({ RolloutWorkflow: 10, SmokeTestWorkflow: 2 });
    expect(counts.invocations).toEqual({ ChangeRecord: 1, ...steps, Complete: 1 });
  });

  it("asks the cluster for one change beyond what it creates and deletes", () => {
    expect(writesOf(counts)).toEqual({ ProvisionSlot: slot, ShiftTraffic: { "patch httproutes": 1 } });
    expect(changesOf(counts)).toBe(1);
  });

  it("reads what serves once in each step that decides upon it", () => {
    const { ShiftTraffic, ...others } = counts.cluster;
    expect(others).toMatchObject({
      Prepare: { "get httproutes": 1, "get deployments": 1 },
      AwaitReady: watched,
    });
    expect(ShiftTraffic).toMatchObject({ "get deployments": 1, "patch httproutes": 1 });
  });

  it("reads the record for 9 units", () => {
    expect(total(counts.read_units)).toBe(9);
  });

  it("writes the record for 21 units and what is seen while waiting", () => {
    const expected = {
      "ChangeRecord TransactWriteItems": 7,
      ...stepUnits,
      "ShiftTraffic UpdateItem": 2,
      "Complete TransactWriteItems": 7,
    };
    expect(withoutObserving(counts, 1.5)).toEqual(expected);
    expect(total(expected)).toBe(21);
  });
});

describe("an UPDATE that keeps nothing warm", () => {
  it("removes what served by two requests for each component, found by one list", async () => {
    const patch = { predictor: { env: [] }, rollout: { drain_seconds: 0, warm_seconds: 0 } };
    const { cluster } = await countsFor(() => system.call("PATCH", "/v1/deployments/count-next", { body: patch }));
    expect(cluster.RetireSlot).toEqual({ "get httproutes": 1, "list deployments": 1, "delete services": 1, "delete deployments": 1 });
    const { "watch replicasets": _, "watch events": __, ...awaited } = cluster.AwaitReady ?? {};
    const { "get httproutes": ___, ...shifted } = cluster.ShiftTraffic ?? {};
    const steps = [cluster.Prepare, cluster.ProvisionSlot, awaited, shifted, cluster.RetireSlot];
    const all = steps.flatMap((made) => Object.entries(made ?? {}).filter(([request]) => !request.endsWith("/proxy")));
    // Three of them for what an earlier update has kept warm; besides looks at whether the gateway has taken the route up.
    expect(total(Object.fromEntries(all.map(([, count], index) => [index, count])))).toBe(16);
  });
});

describe("an UPDATE of what has more than one size", () => {
  it("makes an autoscaler, holds the one of what serves, and asks what that has found", async () => {
    const scaling_config = { max_replicas: 2 };
    const rollout = { drain_seconds: 0, warm_seconds: 600 };
    await create("count-sizes", { predictor: { ...echoDeployment("any").predictor, scaling_config }, rollout });
    await start("count-sizes");
    const patch = { predictor: { env: [{ name: "GREETING", value: "hello" }] } };
    const counts = await countsFor(() => system.call("PATCH", "/v1/deployments/count-sizes", { body: patch }));
    expect(writesOf(counts)).toEqual({
      Prepare: { "patch horizontalpodautoscalers": 1 },
      ProvisionSlot: { ...slot, "create horizontalpodautoscalers": 1 },
      ShiftTraffic: { "patch httproutes": 1 },
    });
    expect(counts.cluster.Prepare).toMatchObject({ "get deployments": 1, "get horizontalpodautoscalers": 1 });
    expect(counts.cluster.ShiftTraffic).toMatchObject({ "get deployments": 2 });
  });
});

describe("a START with a transformer", () => {
  let counts: Counts;
  beforeAll(async () => {
    const transformer = { image: "test/echo:1" };
    const body = echoDeployment("count-two", { transformer, start: false, rollout: { drain_seconds: 0 } });
    await system.call("POST", "/v1/deployments", { body });
    counts = await start("count-two");
  });

  it("takes no transition and no invocation more", () => {
    expect(counts.transitions).toEqual({ RolloutWorkflow: 10, SmokeTestWorkflow: 2 });
    expect(counts.invocations).toEqual({ ChangeRecord: 1, ...steps, Complete: 1 });
  });

  it("creates each object once for each component, and changes nothing more", () => {
    expect(writesOf(counts)).toEqual({
      Prepare: { "create httproutes": 1 },
      ProvisionSlot: Object.fromEntries(Object.keys(slot).map((each) => [each, 2])),
      ShiftTraffic: shift,
    });
    expect(changesOf(counts)).toBe(1);
  });

  it("watches as much as without one, and asks the transformer two questions", () => {
    expect(counts.cluster.AwaitReady).toMatchObject(watched);
    expect(counts.cluster.ProbeServer).toEqual({ "get services/proxy": 5 });
  });
});
