import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeState } from "../../domain/state.ts";
import { lookLive } from "../../lambdas/sync/look-live.ts";
import { sync } from "../../lambdas/sync/sync.ts";
import { MemoryWorkflows } from "../doubles/memory-workflows.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene } from "../rollout/scene.ts";
import { type StepFunction, WorkflowScene } from "../rollout/workflow-scene.ts";

let scene: Scene;
let machines: WorkflowScene;
let workflows: MemoryWorkflows;
let warned: string[];
beforeEach(() => {
  scene = new Scene();
  machines = new WorkflowScene(scene);
  workflows = new MemoryWorkflows();
  warned = [];
});
afterEach(cleanUp);

const ports = () => ({
  ...{ ...scene.ports, workflows, watches: scene.record.watches, startWatch: async () => {}, freshness: "on_demand" as const },
  log: { warn: (message: string) => void warned.push(message) },
});
const words = ({ condition, health }: ReturnType<typeof describeState>) =>
  `${condition.type} ${condition.status} ${condition.reason} ${health}`;

/** What the state says after somebody else has looked, and what a live look says, whenever a step of these is about to begin. */
async function seenBefore(steps: StepFunction[]): Promise<Record<string, string[]>> {
  const seen: Record<string, string[]> = {};
  machines.before = async (name) => {
    if (!steps.includes(name)) return;
    await sync(["local"], ports());
    const head = await scene.head();
    const observed = await scene.record.observed(scene.uid);
    const live = await lookLive(scene.ports, head, observed);
    seen[name] = [observed, live].map((each) => words(describeState(head, each, scene.clock.now())));
  };
  const input = await scene.start();
  await workflows.start("rollout", input);
  await machines.run("rollout", input);
  expect(warned).toEqual([]);
  return seen;
}

describe("a revision whose objects", () => {
  it("are not made yet is being prepared, whoever looks", async () => {
    const preparing = "SCHEDULED Unknown Preparing provisioning";
    expect(await seenBefore(["ProvisionSlot"])).toEqual({ ProvisionSlot: [preparing, preparing] });
  });

  it("are removed because it has failed stays what it failed with, whoever looks", async () => {
    scene.cluster.fate = () => "crashes";
    const failed = expect.stringMatching(/^STARTED False \S+ failed$/);
    expect(await seenBefore(["RetireSlot", "RecordFailure"])).toEqual({ RetireSlot: [failed, failed], RecordFailure: [failed, failed] });
  });
});
