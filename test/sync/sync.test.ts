import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isCleanUp } from "../../domain/clean-up.ts";
import { abortOperation } from "../../domain/ending.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { FreshnessMode } from "../../domain/freshness.ts";
import { holdScaling } from "../../domain/manifests/scaler.ts";
import { describeState } from "../../domain/state.ts";
import type { WatchStart } from "../../lambdas/ports/watches.ts";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { sync } from "../../lambdas/sync/sync.ts";
import { aSpecification, autoscaled } from "../doubles/deployments.ts";
import { MemoryWorkflows } from "../doubles/memory-workflows.ts";
import { quietLog } from "../doubles/quiet-log.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene } from "../rollout/scene.ts";
import { WorkflowScene } from "../rollout/workflow-scene.ts";

let scene: Scene;
let machines: WorkflowScene;
let workflows: MemoryWorkflows;
let log: ReturnType<typeof quietLog>;

beforeEach(() => {
  scene = new Scene();
  machines = new WorkflowScene(scene);
  workflows = new MemoryWorkflows();
  log = quietLog();
});
afterEach(cleanUp);

const warn = (message: string, error?: Error): void => (error ? log.warn(message, error) : log.warn(message));
const startedWatches: string[] = [];
const ports = () => ({
  ...scene.ports,
  workflows,
  log: { warn },
  watches: scene.record.watches,
  startWatch: async ({ cluster }: WatchStart) => void startedWatches.push(cluster),
  freshness: "on_demand" as FreshnessMode,
});
const run = () => sync(["local"], ports());
const started = () => [...workflows.executions.keys()];
const minutes = 60_000;

/** For an hour. */
async function watched(): Promise<void> {
  const until = new Date(scene.clock.now() + 60 * minutes).toISOString();
  await scene.record.watches.hold("local", { holder: "a run", now: scene.at, until, seen: null });
}

/** A person aborts: the operation ends, and what it made stays where it is. */
async function abort({ operation_id, epoch }: WorkflowInput): Promise<void> {
  const head = await scene.head();
  const ending = abortOperation(head, { operation_id, actor: "ada@example.com", at: scene.at });
  await scene.record.endOperation({ uid: scene.uid, operation_id, epoch }, ending);
}

/** Runs what sync has started as a clean-up. */
async function runCleanUp(): Promise<string> {
  const found = [...workflows.executions.values()].find(({ input }) => isCleanUp(input));
  if (!found) throw new Error("sync has started no clean-up");
  return (await machines.run("shutdown", found.input)).status;
}

describe("an operation that is recorded", () => {
  it("and not running is started, once", async () => {
    const input = await scene.start();
    await run();
    await run();
    expect([...workflows.executions]).toEqual([[`rollout/${input.operation_id}`, { workflow: "rollout", input, status: "RUNNING" }]]);
  });

  it("and running is left alone", async () => {
    const input = await scene.start();
    await workflows.start("rollout", input);
    await run();
    expect((await scene.operation(input)).outcome).toBeNull();
  });

  it("whose execution ended without a word ends as FAILED, with what is known", async () => {
    const input = await scene.start();
    await workflows.start("rollout", input);
    workflows.end("rollout", input.operation_id, "TIMED_OUT");
    await run();
    expect(await scene.operation(input)).toMatchObject({
      outcome: "FAILED",
      cause: { reason: "WorkflowEnded", message: expect.stringContaining("TIMED_OUT") },
    });
  });

  it("whose execution ended after the traffic had moved has succeeded", async () => {
    const input = await scene.start();
    await workflows.start("rollout", input);
    machines.before = (name) => {
      if (name === "Complete") throw new Error("the table is out of reach");
    };
    await machines.run("rollout", input);
    workflows.end("rollout", input.operation_id, "FAILED");
    await run();
    expect((await scene.operation(input)).outcome).toBe("SUCCEEDED");
    expect((await scene.head()).slots.blue).toMatchObject({ role: "active", weight: 100 });
  });

  it("and has outlived its deadline is ended and its execution stopped, and what it made is removed", async () => {
    const input = await scene.start();
    machines.before = (name) => {
      if (name === "AwaitReady") throw new WorkflowError("StaleEpoch", "StaleEpoch", "the execution is no more");
    };
    await machines.run("rollout", input);
    await workflows.start("rollout", input);
    await scene.clock.sleep(33 * minutes);
    await run();
    expect(await scene.operation(input)).toMatchObject({ outcome: "FAILED", cause: { reason: "DeadlineExceeded" } });
    expect(workflows.executions.get(`rollout/${input.operation_id}`)?.status).toBe("ABORTED");
    expect((await scene.head()).epoch).toBe(input.epoch + 1);
    await run();
    expect(await runCleanUp()).toBe("SUCCEEDED");
    expect(scene.cluster.named("Deployment")).toEqual([]);
    expect((await scene.head()).slots).toEqual({ blue: null, green: null });
  });
});

describe("what an aborted operation left", () => {
  it.each([
    ["", async () => {}],
    [", also while somebody watches", watched],
  ])("is removed while the other slot goes on serving%s", async (_, begin) => {
    await begin();
    await machines.run("rollout", await scene.start());
    const [serving] = scene.cluster.named("Deployment");
    const input = await scene.begin("UPDATE");
    machines.before = async (name) => {
      if (name === "ShiftTraffic" && (await scene.head()).active_operation) await abort(input);
    };
    await machines.run("rollout", input);
    machines.before = () => {};
    expect(scene.cluster.named("Deployment")).toHaveLength(2);
    await run();
    expect(await runCleanUp()).toBe("SUCCEEDED");
    expect(scene.cluster.named("Deployment")).toEqual([serving]);
    expect(scene.cluster.route()).toEqual({ epoch: "3", backends: [{ name: serving, weight: 100 }] });
    expect((await scene.head()).slots).toMatchObject({ blue: { weight: 100 }, green: null });
    workflows.executions.clear();
    await run();
    expect(started()).toEqual([]);
  });

  it("includes traffic that it had moved and not recorded", async () => {
    await machines.run("rollout", await scene.start());
    const [serving] = scene.cluster.named("Deployment");
    const input = await scene.begin("UPDATE");
    const { saveSlots } = scene.record;
    scene.record.saveSlots = async (...given) => {
      if (given[0].operation_id === input.operation_id) await abort(input);
      return saveSlots.apply(scene.record, given);
    };
    await machines.run("rollout", input);
    expect(scene.cluster.route()?.backends[0]?.name).not.toBe(serving);
    await run();
    expect(await runCleanUp()).toBe("SUCCEEDED");
    expect(scene.cluster.route()?.backends).toEqual([{ name: serving, weight: 100 }]);
    expect(scene.cluster.named("Deployment")).toEqual([serving]);
  });

  it("includes a size that is still held, and objects that were made late", async () => {
    await machines.run("rollout", await scene.start(autoscaled()));
    const [scaler] = [...scene.cluster.objects.values()].filter(({ kind }) => kind === "HorizontalPodAutoscaler");
    const { name = "", namespace = "", labels = {} } = scaler?.metadata ?? {};
    await scene.cluster.patch("HorizontalPodAutoscaler", namespace, name, holdScaling(2));
    const late = { ...labels, "slipway.dev/epoch": "0" };
    scene.cluster.put({ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "late", namespace, labels: late } });
    await run();
    expect(await runCleanUp()).toBe("SUCCEEDED");
    expect(scene.cluster.named("PodDisruptionBudget")).toEqual([]);
    const released = await scene.cluster.get("HorizontalPodAutoscaler", namespace, name);
    expect(released?.spec).toMatchObject({ minReplicas: 1, behavior: { scaleDown: { selectPolicy: "Max" } } });
  });

  it("is left to a newer operation when a person is quicker", async () => {
    const input = await scene.start();
    machines.before = async (name) => {
      if (name === "AwaitReady" && (await scene.head()).active_operation) await abort(input);
    };
    await machines.run("rollout", input);
    machines.before = () => {};
    await run();
    const stop = await scene.begin("STOP");
    expect(await runCleanUp()).toBe("SUCCEEDED");
    expect(scene.cluster.named("Deployment")).toHaveLength(1);
    await machines.run("shutdown", stop);
    expect(scene.cluster.named("Deployment")).toEqual([]);
  });
});

describe("what was kept warm", () => {
  it("goes when its time is over, and nothing else is written", async () => {
    await machines.run("rollout", await scene.start());
    const [former] = scene.cluster.named("Deployment");
    await machines.run("rollout", await scene.begin("UPDATE", { rollout: { ...aSpecification().rollout, warm_seconds: 600 } }));
    await run();
    expect(started()).toEqual([]);
    const before = scene.cluster.mutations.length;
    await scene.clock.sleep(11 * minutes);
    await run();
    expect(await runCleanUp()).toBe("SUCCEEDED");
    expect(scene.cluster.mutations.slice(before)).toEqual([`remove Service ${former}`, `remove Deployment ${former}`]);
    expect((await scene.head()).slots).toMatchObject({ blue: null, green: { weight: 100 } });
  });
});

describe("what serves", () => {
  beforeEach(async () => {
    await machines.run("rollout", await scene.start());
  });
  const status = async () => {
    const head = await scene.head();
    return describeState(head, await scene.record.stillSeen(head, await scene.record.observed(scene.uid)), scene.clock.now());
  };

  it("is looked at each minute, so that what is shown is never old", async () => {
    for (let minute = 0; minute < 5; minute++) {
      await scene.clock.sleep(minutes);
      await run();
    }
    expect(await status()).toMatchObject({ status: "RUNNING", health: "healthy", instances: { predictor: { ready: 1, desired: 1 } } });
  });

  it("is left to whoever watches: all that is asked for then is what an operation may have left", async () => {
    await watched();
    const before = await scene.record.observed(scene.uid);
    const list = vi.spyOn(scene.cluster, "list");
    await run();
    const asked = list.mock.calls.map(([kind]) => kind);
    expect(asked).toEqual(["Deployment", "Service", "HTTPRoute", "HorizontalPodAutoscaler", "PodDisruptionBudget"]);
    expect(await scene.record.observed(scene.uid)).toEqual(before);
  });

  it("and crashes is FAILED in state, list and events, once it has been gone too long", async () => {
    scene.cluster.fate = () => "crashes";
    scene.cluster.rerun(scene.cluster.named("Deployment")[0] as string);
    const events = () => (scene.record.events_.get(scene.uid) ?? []).filter(({ type }) => type === "Deployment State Changed");
    const before = events().length;
    for (let minute = 0; minute < 5; minute++) {
      await scene.clock.sleep(minutes);
      await run();
    }
    expect(await status()).toMatchObject({ status: "FAILED", health: "failed" });
    expect(scene.record.cards_.get(scene.uid)?.status).toBe("FAILED");
    expect(
      events()
        .slice(before)
        .map(({ after }) => after?.status),
    ).toEqual(["FAILED"]);
    scene.cluster.fate = () => "ready";
    scene.cluster.rerun(scene.cluster.named("Deployment")[0] as string);
    await scene.clock.sleep(minutes);
    await run();
    expect(scene.record.cards_.get(scene.uid)?.status).toBe("RUNNING");
  });

  it("is not written over while AwaitReady watches", async () => {
    const input = await scene.begin("UPDATE");
    await scene.record.enterStep(input, "AwaitReady", scene.at);
    const before = await scene.record.observed(scene.uid);
    await scene.clock.sleep(2 * minutes);
    await run();
    expect(await scene.record.observed(scene.uid)).toEqual(before);
  });

  it("in a cluster that cannot be reached is left to age, and the other clusters are looked at", async () => {
    const before = await scene.record.observed(scene.uid);
    await scene.clock.sleep(4 * minutes);
    const reached: string[] = [];
    const clusters = async (name: string) => {
      reached.push(name);
      throw new WorkflowError("ClusterUnavailable", "NoAnswer", "timeout");
    };
    await sync(["local", "other"], { ...ports(), clusters });
    expect(reached).toEqual(["local", "other"]);
    expect(await scene.record.observed(scene.uid)).toEqual(before);
    expect((await status()).health).toBe("unknown");
    expect(log.lines.map(({ level }) => level)).toEqual(["warn", "warn"]);
  });
});
