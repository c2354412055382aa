import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { abortOperation } from "../../domain/ending.ts";
import { retireSlot } from "../../lambdas/rollout/retire-slot.ts";
import { takeRouteAway } from "../../lambdas/rollout/take-route-away.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene } from "../rollout/scene.ts";
import { WorkflowScene } from "../rollout/workflow-scene.ts";

let scene: Scene;
beforeEach(async () => {
  scene = new Scene();
  await new WorkflowScene(scene).run("rollout", await scene.start());
});
afterEach(cleanUp);

const workloads = () => scene.cluster.named("Deployment");

describe("removing what a deployment ran as", () => {
  it("spares what the route still uses, whatever the record says", async () => {
    const input = await scene.begin("STOP");
    expect(await retireSlot(input, scene.ports)).toEqual({ gone: false });
    expect(workloads()).toHaveLength(1);
  });

  it("spares another deployment in the same namespace", async () => {
    const other = [...scene.cluster.objects.values()].find(({ kind }) => kind === "Deployment");
    const metadata = {
      ...other?.metadata,
      name: "other-abcdef-p1-1",
      uid: "other",
      labels: { ...other?.metadata.labels, "slipway.dev/uid": "OTHER" },
    };
    scene.cluster.put({ apiVersion: "apps/v1", kind: "Deployment", metadata });
    const input = await scene.begin("STOP");
    await takeRouteAway(input, scene.ports);
    await retireSlot(input, scene.ports);
    expect(workloads()).toEqual(["other-abcdef-p1-1"]);
  });

  it("says that instances are still there, and at the deadline which", async () => {
    scene.cluster.lingering = true;
    const input = await scene.begin("STOP");
    await takeRouteAway(input, scene.ports);
    expect(await retireSlot({ ...input, patience_seconds: 10 }, scene.ports)).toEqual({ gone: false });
    await scene.clock.sleep(31 * 60_000);
    await expect(retireSlot({ ...input, patience_seconds: 10 }, scene.ports)).rejects.toMatchObject({
      name: "DeadlineExceeded",
      message: expect.stringContaining("Pod card-scorer-"),
    });
  });
});

describe("taking the route away", () => {
  it("waits until the gateway has stopped answering by it", async () => {
    const input = await scene.begin("STOP");
    scene.cluster.gatewayLag = 20;
    const begun = scene.clock.now();
    await takeRouteAway(input, scene.ports);
    expect(scene.cluster.gatewayLag).toBe(0);
    expect(scene.clock.now()).toBeGreaterThan(begun);
  });

  it("does not depend on a gateway that nobody can reach", async () => {
    const input = await scene.begin("STOP");
    scene.cluster.gatewayIsDown = true;
    await takeRouteAway(input, scene.ports);
    expect(scene.cluster.route()?.backends).toEqual([]);
  });

  it("of a deployment that never got a route changes nothing", async () => {
    const other = new Scene();
    const first = await other.start();
    const ending = abortOperation(await other.head(), { operation_id: first.operation_id, actor: "ada", at: other.at });
    await other.record.endOperation(first, ending);
    expect(await takeRouteAway(await other.begin("STOP"), other.ports)).toEqual({});
    expect(other.cluster.mutations).toEqual([]);
  });
});
