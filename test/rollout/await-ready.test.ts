import { beforeEach, describe, expect, it } from "vitest";
import { KubernetesError } from "../../lambdas/ports/cluster.ts";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { awaitReady } from "../../lambdas/rollout/await-ready.ts";
import { prepare } from "../../lambdas/rollout/prepare.ts";
import { provisionSlot } from "../../lambdas/rollout/provision-slot.ts";
import { allTheTime, Scene } from "./scene.ts";

let scene: Scene;
let input: WorkflowInput;

beforeEach(async () => {
  scene = new Scene();
  scene.cluster.fate = () => "is being pulled";
  input = await scene.start();
  await prepare(input, scene.ports);
  await provisionSlot(input, scene.ports);
});

const observed = async () => (await scene.record.observed(scene.uid))?.transitions.map(({ type, status }) => `${type} ${status}`);
const workload = () => scene.cluster.named("Deployment")[0] as string;

describe("the slot's condition", () => {
  it("is written as it changes, and only then", async () => {
    let writes = 0;
    const counting = new Proxy(scene.record, {
      get: (target, name) => {
        if (name === "saveObserved") writes += 1;
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const watching = awaitReady(input, { ...scene.ports, record: counting }, allTheTime);
    const begun = scene.clock.now();
    await scene.clock.sleep(20_000);
    expect(await observed()).toEqual(["INITIALIZED Unknown", "SCHEDULED True"]);
    expect(writes).toBe(1);
    scene.cluster.fate = () => "ready";
    scene.cluster.rerun(workload());
    expect(await watching).toEqual({ ready: true, digests: { predictor: `sha256:${"3f1c0ffee0ddba11".repeat(4)}` } });
    expect(scene.clock.now() - begun).toBeLessThan(25_000);
    expect(await observed()).toEqual(expect.arrayContaining(["SCHEDULED True", "INITIALIZED True", "STARTED True"]));
  });

  it("is written once, with what it has passed, when a stage does not last", async () => {
    const versions = async () => (await scene.record.observed(scene.uid))?.version;
    const watching = awaitReady(input, scene.ports, allTheTime);
    await scene.clock.sleep(100);
    expect(await versions()).toBeUndefined();
    scene.cluster.fate = () => "ready";
    scene.cluster.rerun(workload());
    expect(await watching).toMatchObject({ ready: true });
    expect(await versions()).toBe(1);
    expect(await observed()).toEqual(expect.arrayContaining(["SCHEDULED True", "INITIALIZED True", "STARTED True"]));
  });

  it("is refreshed without a change, so that it does not count as old", async () => {
    const watching = awaitReady(input, scene.ports, allTheTime);
    await scene.clock.sleep(150_000);
    const seen = await scene.record.observed(scene.uid);
    expect(scene.clock.now() - Date.parse(seen?.observed_at ?? "")).toBeLessThan(70_000);
    scene.cluster.fate = () => "ready";
    scene.cluster.rerun(workload());
    await watching;
  });
});

it("hands back before its own time limit", async () => {
  const end = scene.clock.now() + 60_000;
  expect(await awaitReady(input, scene.ports, () => end - scene.clock.now())).toEqual({ ready: false });
  expect(scene.clock.now()).toBeLessThan(end);
});

it("stops when the operation is aborted while it watches", async () => {
  const watching = awaitReady(input, scene.ports, allTheTime);
  scene.overtake();
  await expect(watching).rejects.toMatchObject({ name: "StaleEpoch" });
});

it("says at the deadline what it was waiting for, and keeps evidence", async () => {
  await expect(awaitReady(input, scene.ports, () => 10 * allTheTime())).rejects.toMatchObject({
    name: "DeadlineExceeded",
    message: expect.stringContaining("INITIALIZED Unknown"),
  });
  expect((await scene.operation(input)).evidence?.conditions.length).toBeGreaterThan(0);
});

it("lists again when its watch is too old to go on", async () => {
  const { watch } = scene.cluster;
  let expired = 0;
  scene.cluster.watch = async function* (...given: Parameters<typeof watch>) {
    if (given[0] === "Pod" && expired++ === 0) {
      scene.cluster.fate = () => "ready";
      scene.cluster.rerun(workload());
      throw new KubernetesError(410, "Expired", "too old resource version");
    }
    yield* watch.apply(scene.cluster, given);
  } as typeof watch;
  expect(await awaitReady(input, scene.ports, allTheTime)).toMatchObject({ ready: true });
  expect(expired).toBeGreaterThan(1);
});

it("does not lose the cause when the evidence bucket cannot be written", async () => {
  scene.cluster.fate = () => "crashes";
  scene.cluster.rerun(workload());
  const evidence = { put: () => Promise.reject(new Error("AccessDenied")) };
  await expect(awaitReady(input, { ...scene.ports, evidence }, allTheTime)).rejects.toMatchObject({ name: "SlotFailed" });
  expect((await scene.operation(input)).evidence).toMatchObject({ key: null, logs: [{ lines: ["loading", "no such model"] }] });
});

it("takes the cause from the log of a server that ends well though it cannot serve, for which the kubelet keeps no message", async () => {
  scene.cluster.fate = () => "ends well";
  scene.cluster.rerun(workload());
  const words = "the server ended by itself (exit code 0, restarted 4 times): no such model";
  await expect(awaitReady(input, scene.ports, allTheTime)).rejects.toMatchObject({ message: expect.stringContaining(words) });
  const seen = await scene.record.observed(scene.uid);
  const [instance] = seen?.slots.blue?.components.predictor?.instances ?? [];
  expect(instance?.last_termination).toMatchObject({ exit_code: 0, message: "no such model" });
});
