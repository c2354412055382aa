import { afterEach, beforeEach, expect, it } from "vitest";
import { WorkflowError } from "../../domain/errors.ts";
import { claimOn } from "../../domain/manifests/route.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene } from "./scene.ts";
import { WorkflowScene } from "./workflow-scene.ts";

const settleSeconds = 200;
let scene: Scene;
let workflows: WorkflowScene;

beforeEach(() => {
  scene = new Scene();
  workflows = new WorkflowScene(scene);
});
afterEach(cleanUp);

const route = () => [...scene.cluster.objects.values()].find(({ kind }) => kind === "HTTPRoute");

/** The move takes place, and the gateway cannot be asked about it. */
function failTheMove(): void {
  const { serviceProxy } = scene.cluster;
  workflows.before = (name) => {
    if (name !== "ShiftTraffic") return;
    scene.cluster.serviceProxy = async (target, request) => {
      scene.cluster.serviceProxy = serviceProxy;
      if (target.service.endsWith("gateway")) throw new WorkflowError("ClusterRefused", "Unauthorized", "Unauthorized");
      return serviceProxy.call(scene.cluster, target, request);
    };
  };
}

it("a first move that failed keeps what it made until no replica of the gateway can send it anything any more", async () => {
  const input = await scene.start();
  const head = scene.record.heads_.get(scene.uid);
  if (head) head.place.gateway.settle_seconds = settleSeconds;
  failTheMove();
  const { remove } = scene.cluster;
  const removals: number[] = [];
  scene.cluster.remove = async (...given) => {
    removals.push(scene.clock.now());
    return remove.apply(scene.cluster, given);
  };
  expect(await workflows.run("rollout", input)).toMatchObject({ status: "FAILED" });
  const { steps } = await scene.operation(input);
  const back = steps.find(({ name }) => name === "ShiftTrafficBack");
  const settled = Date.parse(back?.started_at ?? "") + settleSeconds * 1000;
  expect(claimOn(route() as NonNullable<ReturnType<typeof route>>)).toMatchObject({ epoch: input.epoch });
  expect(steps.map(({ name }) => name).slice(-2)).toEqual(["ShiftTrafficBack", "RetireSlot"]);
  for (const removed of removals) expect(removed).toBeGreaterThanOrEqual(settled);
  expect(Date.parse(steps.at(-1)?.started_at ?? "")).toBeGreaterThanOrEqual(settled);
});
