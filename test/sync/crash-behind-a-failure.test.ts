import { beforeEach, describe, expect, it } from "vitest";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { awaitReady } from "../../lambdas/rollout/await-ready.ts";
import { prepare } from "../../lambdas/rollout/prepare.ts";
import { provisionSlot } from "../../lambdas/rollout/provision-slot.ts";
import { recordFailure } from "../../lambdas/rollout/record-failure.ts";
import { sync } from "../../lambdas/sync/sync.ts";
import { MemoryWorkflows } from "../doubles/memory-workflows.ts";
import { allTheTime, Scene } from "../rollout/scene.ts";

let scene: Scene;
let workflows: MemoryWorkflows;
beforeEach(() => {
  scene = new Scene();
  workflows = new MemoryWorkflows();
});

/** An operation whose smoke test has begun. */
async function testing(): Promise<WorkflowInput> {
  const input = await scene.start();
  await workflows.start("rollout", input);
  await prepare(input, scene.ports);
  await provisionSlot(input, scene.ports);
  await awaitReady(input, scene.ports, allTheTime);
  await scene.record.enterStep(input, "ProbeServer", scene.at);
  await scene.clock.sleep(1000);
  return input;
}
async function crashesAndIsSeen(): Promise<void> {
  scene.cluster.fate = () => "crashes";
  scene.cluster.rerun(scene.cluster.named("Deployment")[0] as string);
  const ports = { ...scene.ports, workflows, watches: scene.record.watches, startWatch: async () => {}, freshness: "on_demand" as const };
  await sync(["local"], { ...ports, log: { warn: () => {} } });
  await scene.clock.sleep(1000);
}
const words = "server is live (GET /v2/health/live): the server could not be reached";
const fail = (input: WorkflowInput) =>
  recordFailure({ ...input, failure: { Error: "SmokeTestFailed", Cause: `SmokeTestFailed: ${words}`, State: "SmokeTest" } }, scene.ports);

describe("a smoke test that no server has answered", () => {
  it("ends its operation with the crash that was seen meanwhile, and keeps its own words in its step", async () => {
    const input = await testing();
    await crashesAndIsSeen();
    await fail(input);
    const operation = await scene.operation(input);
    expect(operation).toMatchObject({ outcome: "FAILED", cause: { message: expect.stringContaining("no such model") } });
    expect((await scene.head()).last_operation?.condition).toMatchObject({ type: "STARTED", status: "False" });
    const step = operation.steps.find(({ name }) => name === "ProbeServer");
    expect(step).toMatchObject({ outcome: "FAILED", detail: expect.stringContaining("could not be reached") });
  });

  it("ends it with its own words where nothing else was seen", async () => {
    const input = await testing();
    await fail(input);
    expect(await scene.operation(input)).toMatchObject({
      cause: { reason: "SmokeTestFailed", message: expect.stringContaining("could not be reached") },
    });
    expect((await scene.head()).last_operation?.condition).toMatchObject({ type: "READY", status: "False", reason: "SmokeTestFailed" });
  });
});
