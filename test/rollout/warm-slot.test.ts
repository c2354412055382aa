import { beforeEach, describe, expect, it } from "vitest";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { complete } from "../../lambdas/rollout/complete.ts";
import { ensureCapacity } from "../../lambdas/rollout/ensure-capacity.ts";
import { retireSlot } from "../../lambdas/rollout/retire-slot.ts";
import { shiftTraffic } from "../../lambdas/rollout/shift-traffic.ts";
import { aSpecification } from "../doubles/deployments.ts";
import { Scene, serviceOf } from "./scene.ts";
import { WorkflowScene } from "./workflow-scene.ts";

let scene: Scene;
let workflows: WorkflowScene;

beforeEach(async () => {
  scene = new Scene();
  workflows = new WorkflowScene(scene);
  await workflows.run("rollout", await scene.start());
});

const update = (): Promise<WorkflowInput> => scene.begin("UPDATE", { rollout });
const rollout = { ...aSpecification().rollout, warm_seconds: 600 };

describe("the old slot", () => {
  it("stays warm for as long as the revision says, at its size, and goes then", async () => {
    await workflows.run("rollout", await update());
    const head = await scene.head();
    expect(head.slots.blue).toMatchObject({
      role: "warm",
      weight: 0,
      revision: 1,
      warm_until: new Date(scene.clock.now() + 600_000).toISOString(),
    });
    expect(scene.cluster.named("Deployment")).toHaveLength(2);
  });

  it("has the traffic again by a rollback, without anything being brought up", async () => {
    await workflows.run("rollout", await update());
    scene.cluster.mutations.length = 0;
    const input = await scene.rollBackTo("blue");
    expect(await workflows.run("rollback", input)).toMatchObject({ status: "SUCCEEDED" });
    expect(scene.cluster.mutations.filter((mutation) => mutation.startsWith("create"))).toEqual([]);
    expect(await scene.head()).toMatchObject({
      slots: { blue: { revision: 1, role: "active", weight: 100 }, green: null },
      revisions: { wanted: 1, running: 1, served: [1] },
      hold: { by: "ada@example.com" },
    });
    expect(scene.cluster.named("Deployment")).toHaveLength(1);
  });

  it("has the traffic again by its steps alone, each of them called twice, while no workflow runs", async () => {
    await workflows.run("rollout", await update());
    const input = await scene.rollBackTo("blue");
    for (const step of [ensureCapacity, shiftTraffic, retireSlot, complete]) {
      await step(input, scene.ports);
      await step(input, scene.ports);
    }
    expect(await scene.operation(input)).toMatchObject({ outcome: "SUCCEEDED" });
    expect((await scene.head()).revisions.running).toBe(1);
    expect(scene.cluster.named("Deployment")).toHaveLength(1);
  });

  it("has the traffic again at the size that its revision has, though what serves was made larger", async () => {
    const { predictor } = aSpecification();
    const scaling_config = { ...predictor.scaling_config, min_replicas: 3, max_replicas: 3 };
    await workflows.run("rollout", await scene.begin("UPDATE", { predictor: { ...predictor, scaling_config }, rollout }));
    expect((await scene.head()).slots).toMatchObject({ blue: { desired: { predictor: 1 } }, green: { desired: { predictor: 3 } } });
    expect(await workflows.run("rollback", await scene.rollBackTo("blue"))).toMatchObject({ status: "SUCCEEDED" });
    expect(await scene.head()).toMatchObject({ revisions: { running: 1 }, slots: { blue: { weight: 100, desired: { predictor: 1 } } } });
  });

  it("is not given traffic when it has lost instances", async () => {
    await workflows.run("rollout", await update());
    const head = await scene.head();
    const warm = serviceOf(head, "blue");
    scene.cluster.fate = (name) => (name === warm ? "crashes" : "ready");
    scene.cluster.rerun(warm);
    const input = await scene.rollBackTo("blue");
    expect(await workflows.run("rollback", input)).toMatchObject({ status: "FAILED", error: "SlotFailed" });
    expect(scene.cluster.route()?.backends).toEqual([{ name: serviceOf(head, "green"), weight: 100 }]);
    expect((await scene.head()).revisions.running).toBe(2);
  });

  it("makes room when the next revision is to take its place", async () => {
    await workflows.run("rollout", await update());
    const warm = serviceOf(await scene.head(), "blue");
    const input = await update();
    workflows.before = (name) => {
      if (name === "ProvisionSlot") expect(scene.cluster.named("Deployment")).not.toContain(warm);
    };
    expect(await workflows.run("rollout", input)).toMatchObject({ status: "SUCCEEDED" });
    expect((await scene.head()).revisions.served).toEqual([3, 2, 1]);
  });
});
