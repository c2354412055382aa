import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene } from "../rollout/scene.ts";
import { WorkflowScene } from "../rollout/workflow-scene.ts";

let scene: Scene;
let workflows: WorkflowScene;

beforeEach(async () => {
  scene = new Scene();
  workflows = new WorkflowScene(scene);
  await workflows.run("rollout", await scene.start({ smoke_tests: [infer] }));
});
afterEach(cleanUp);

const infer = {
  name: "known-card",
  method: "POST" as const,
  path: "/v2/models/card-fraud/infer",
  body: { inputs: [] },
  expect: { status: 200, json: { "outputs.0.data.0": 1 } },
};

describe("smoke tests on demand", () => {
  it("ask what serves, and change nothing of it", async () => {
    const before = await scene.head();
    const mutations = scene.cluster.mutations.length;
    const input = await scene.begin("SMOKE_TEST");
    expect(await workflows.run("verification", input)).toMatchObject({ status: "SUCCEEDED" });
    const operation = await scene.operation(input);
    expect(operation).toMatchObject({ kind: "SMOKE_TEST", revision: 1, slot: null, outcome: "SUCCEEDED" });
    expect(operation.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(["ProbeServer SUCCEEDED", "SendSmokeTests SUCCEEDED"]);
    expect(operation.evidence?.smoke_tests.map(({ name, passed }) => `${name} ${passed}`)).toContain("known-card true");
    expect(scene.cluster.mutations.length).toBe(mutations);
    expect(await scene.head()).toMatchObject({ slots: before.slots, revisions: before.revisions, active_operation: null });
  });

  it("that fail say so, and what serves keeps its traffic and stays RUNNING", async () => {
    const { slots } = await scene.head();
    scene.cluster.answers.set("POST /v2/models/card-fraud/infer", { status: 200, body: '{"outputs":[{"data":[2]}]}' });
    const input = await scene.begin("SMOKE_TEST");
    expect(await workflows.run("verification", input)).toMatchObject({ status: "FAILED" });
    expect(await scene.operation(input)).toMatchObject({
      outcome: "FAILED",
      cause: {
        reason: "SmokeTestFailed",
        message:
          "predictor of revision 1 (blue): smoke test known-card (POST /v2/models/card-fraud/infer): outputs.0.data.0 is 2, expected 1",
      },
    });
    expect((await scene.head()).slots).toEqual(slots);
    expect(scene.record.cards_.get(scene.uid)?.status).toBe("RUNNING");
  });

  it("that were overtaken write nothing", async () => {
    const input = await scene.begin("SMOKE_TEST");
    workflows.before = (name) => {
      if (name === "SendSmokeTests") scene.overtake();
    };
    expect(await workflows.run("verification", input)).toMatchObject({ status: "SUCCEEDED" });
    expect(await scene.operation(input)).toMatchObject({ outcome: null });
  });
});
