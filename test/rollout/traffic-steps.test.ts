import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { promote } from "../../domain/annotations.ts";
import type { Head } from "../../domain/deployment.ts";
import type { RolloutPolicy } from "../../domain/specification.ts";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { aSpecification } from "../doubles/deployments.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene, serviceOf } from "./scene.ts";
import { WorkflowScene } from "./workflow-scene.ts";

let scene: Scene;
let workflows: WorkflowScene;
let moves: number[][];

beforeEach(async () => {
  scene = new Scene();
  workflows = new WorkflowScene(scene);
  await workflows.run("rollout", await scene.start());
  moves = [];
  workflows.before = record;
});
afterEach(cleanUp);

/** Weights of old and new as the gateway has them, whenever they have changed. */
function record(): void {
  const weights = (scene.cluster.route()?.backends ?? []).map(({ weight }) => weight);
  if (JSON.stringify(moves.at(-1)) !== JSON.stringify(weights)) moves.push(weights);
}
const policy = (over: Partial<RolloutPolicy>) => ({ rollout: { ...aSpecification().rollout, ...over } });
const update = (over: Partial<RolloutPolicy>): Promise<WorkflowInput> => scene.begin("UPDATE", policy(over));
const canary = { strategy: "canary", percent: 10, bake_seconds: 300 } as const;

describe("traffic", () => {
  it("comes to a canary in two moves, with a bake between them", async () => {
    const begun = scene.clock.now();
    const input = await update({ ...canary, final_bake_seconds: 60 });
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "SUCCEEDED" });
    expect(moves).toEqual([[100], [90, 10], [100]]);
    expect(scene.clock.now() - begun).toBeGreaterThanOrEqual(360_000);
    const operation = await scene.operation(input);
    expect(operation.steps.map(({ name }) => name).slice(-5)).toEqual(["ShiftTraffic", "Bake", "ShiftTraffic", "Bake", "RetireSlot"]);
    expect(operation.steps.flatMap(({ name, detail }) => (name === "ShiftTraffic" ? [detail] : []))).toEqual([
      "10 % of the traffic goes to revision 2",
      "100 % of the traffic goes to revision 2",
    ]);
    expect(operation.evidence?.judgements).toMatchObject([
      { weight: 10, passed: true },
      { weight: 100, passed: true },
    ]);
  });

  it("comes in equal parts by linear, the last of them what is left", async () => {
    await workflows.run("rollout", await update({ strategy: "linear", step_percent: 40 }));
    expect(moves).toEqual([[100], [60, 40], [20, 80], [100]]);
  });

  it("comes all at once where nothing serves beside it", async () => {
    await workflows.run("shutdown", await scene.begin("STOP"));
    expect(await workflows.run("rollout", await update(canary))).toMatchObject({ status: "SUCCEEDED" });
    expect((await scene.head()).slots.blue).toMatchObject({ revision: 2, weight: 100 });
  });

  it("waits for a person before the last move, however long the bake is over", async () => {
    const input = await update({ ...canary, manual_promotion: true });
    const waited = workflows.run("rollout", input);
    const said = saidAfter(600_000);
    expect(await waited).toMatchObject({ status: "SUCCEEDED" });
    await said;
    expect(moves).toEqual([[100], [90, 10], [100]]);
  });

  it("that moves at once waits for a person before it moves at all, and fails when nobody comes", async () => {
    const input = await update({ manual_promotion: true });
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "FAILED", error: "DeadlineExceeded" });
    expect(moves).toEqual([[100]]);
    expect(await scene.operation(input)).toMatchObject({
      outcome: "FAILED",
      cause: { message: expect.stringContaining("nobody has promoted") },
    });
  });

  it("moves on at once when a person says so in the middle of a bake", async () => {
    const begun = scene.clock.now();
    const input = await update(canary);
    const waited = workflows.run("rollout", input);
    const said = saidAfter(20_000);
    expect(await waited).toMatchObject({ status: "SUCCEEDED" });
    await said;
    expect(scene.clock.now() - begun).toBeLessThan(60_000);
  });

  /** As the API does it, once the operation bakes and so much time is over. */
  async function saidAfter(milliseconds: number): Promise<void> {
    for (;;) {
      await scene.clock.sleep(1_000);
      const operation = (await scene.head()).active_operation;
      const step = operation?.steps.at(-1);
      if (operation?.step !== "Bake" || !step || scene.clock.now() - Date.parse(step.started_at) < milliseconds) continue;
      await scene.record.annotate(promote(await scene.head(), { actor: "eve", at: scene.at }));
      return;
    }
  }
});

describe("what has a part of the traffic", () => {
  const limits = { error_rate_percent: 1, latency_p95_ms: 500, min_requests: 50, alarms: [] };
  const counters = (requests: number, errors: number, slow = 0) => ({
    gateway: {
      requests,
      client_errors: 0,
      errors,
      latency: [
        { at_most_ms: 100, requests: requests - slow },
        { at_most_ms: 2_000, requests },
        { at_most_ms: Number.POSITIVE_INFINITY, requests },
      ],
    },
  });

  /** The bake that is spoiled, and how it ends. */
  async function spoiled(over: Partial<RolloutPolicy>, spoil: (head: Head) => void, afterSeconds = 0) {
    const input = await update({ ...canary, ...over });
    const [plain, counter] = [scene.record.head.bind(scene.record), { bakes: 0 }];
    scene.record.head = async (uid) => {
      const head = await plain(uid);
      const { step, steps } = head?.active_operation ?? { step: null, steps: [] };
      const isTime = step === "Bake" && scene.clock.now() - Date.parse(steps.at(-1)?.started_at ?? "") >= afterSeconds * 1000;
      if (head && isTime && ++counter.bakes === 3) spoil(head);
      return head;
    };
    const outcome = await workflows.run("rollout", input);
    record();
    return { outcome, operation: await scene.operation(input), head: await plain(scene.uid) };
  }

  it.each([0, 25])("is taken back when it answers with errors after %i of 30 s, and the numbers are kept", async (seconds) => {
    const spoil = (now: Head) => scene.counted.set(serviceOf(now, "green"), counters(200, 7));
    const { outcome, operation, head } = await spoiled({ auto_rollback: limits, bake_seconds: 30 }, spoil, seconds);
    expect(outcome).toMatchObject({ status: "FAILED", error: "BakeFailed" });
    expect(moves).toEqual([[100], [90, 10], [100]]);
    expect(operation).toMatchObject({
      outcome: "ROLLED_BACK",
      cause: { reason: "ErrorRateTooHigh", message: expect.stringContaining("3.5 % of 200 requests") },
      evidence: { judgements: [{ passed: false, requests: 200, error_rate_percent: 3.5, weight: 10 }] },
    });
    expect(operation.steps.find(({ name }) => name === "Bake")).toMatchObject({ outcome: "FAILED" });
    expect(head).toMatchObject({
      revisions: { wanted: 1, running: 1 },
      slots: { blue: { revision: 1, weight: 100, role: "active" }, green: null },
      hold: { by: "slipway", reason: expect.stringContaining("revision 2 was rolled back") },
    });
    expect(scene.cluster.named("Deployment")).toHaveLength(1);
  });

  it("is not judged by few requests", async () => {
    const { operation } = await spoiled({ auto_rollback: limits }, (now) => scene.counted.set(serviceOf(now, "green"), counters(49, 49)));
    expect(operation).toMatchObject({
      outcome: "SUCCEEDED",
      evidence: { judgements: [{ message: expect.stringContaining("fewer than the 50") }] },
    });
  });

  it("is taken back when it is slow", async () => {
    const { operation } = await spoiled({ auto_rollback: limits }, (now) =>
      scene.counted.set(serviceOf(now, "green"), counters(100, 0, 20)),
    );
    expect(operation).toMatchObject({ outcome: "ROLLED_BACK", cause: { reason: "LatencyTooHigh" } });
  });

  it("is taken back when an alarm is raised, or does not exist, also where nothing else is judged", async () => {
    const alarms = { auto_rollback: { ...limits, error_rate_percent: null, latency_p95_ms: null, alarms: ["revenue"] } };
    scene.alarmStates.revenue = "OK";
    const raised = await spoiled(alarms, () => {
      scene.alarmStates.revenue = "ALARM";
    });
    expect(raised.operation).toMatchObject({ outcome: "ROLLED_BACK", cause: { reason: "AlarmRaised" } });
    delete scene.alarmStates.revenue;
    const missing = await spoiled(alarms, () => undefined);
    expect(missing.operation).toMatchObject({ cause: { reason: "AlarmMissing", message: expect.stringContaining("revenue") } });
  });

  it("is taken back when its server crashes", async () => {
    const { operation } = await spoiled({}, (now) => {
      const name = serviceOf(now, "green");
      scene.cluster.fate = (deployment) => (deployment === name ? "crashes" : "ready");
      scene.cluster.rerun(name);
    });
    expect(operation).toMatchObject({
      outcome: "ROLLED_BACK",
      cause: { reason: expect.stringMatching(/ContainerRestarted|ReadinessLost/) },
    });
  });

  it("is taken back when a smoke test fails that passed before", async () => {
    const key = "POST /v2/models/card-fraud/infer";
    const smoke_tests = [
      { name: "known", method: "POST" as const, path: "/v2/models/card-fraud/infer", body: {}, expect: { status: 200 } },
    ];
    const input = await scene.begin("UPDATE", { ...policy(canary), smoke_tests });
    workflows.before = (name) => {
      record();
      if (name === "Bake") scene.cluster.answers.set(key, { status: 500, body: "{}" });
    };
    await workflows.run("rollout", input);
    expect(await scene.operation(input)).toMatchObject({ outcome: "ROLLED_BACK", cause: { reason: "SmokeTestFailed" } });
  });
});

describe("a revision", () => {
  it("is brought up again with the very images that it ran at first", async () => {
    const digest = (await scene.record.revision(scene.uid, 1))?.digests?.predictor;
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    await workflows.run("rollout", await scene.begin("RESTART"));
    const [name] = scene.cluster.named("Deployment");
    const deployment = [...scene.cluster.objects.values()].find(({ kind, metadata }) => kind === "Deployment" && metadata.name === name);
    expect(JSON.stringify(deployment?.spec)).toContain(`"image":"slipway/onnx-server:1@${digest}"`);
  });
});

describe("an update that finds no room beside what serves", () => {
  it("says which strategy needs none", async () => {
    const [old] = scene.cluster.named("Deployment");
    scene.cluster.fate = (name) => (name === old ? "ready" : "never scheduled");
    const input = await update({});
    await workflows.run("rollout", input);
    expect((await scene.operation(input)).cause).toMatchObject({
      reason: "Unschedulable",
      message: expect.stringContaining('"strategy": "recreate"'),
    });
  });
});
