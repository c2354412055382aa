import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { autoscaled } from "../doubles/deployments.ts";
import { minutes, seconds, type WatchedCluster, watchedCluster } from "./watched-cluster.ts";

let { scene, run, passes, state, end } = {} as WatchedCluster;
beforeEach(async () => {
  ({ scene, run, passes, state, end } = await watchedCluster(autoscaled()));
});
afterEach(() => end());

describe("what somebody changes behind our back", () => {
  const events = () => (scene.record.events_.get(scene.uid) ?? []).filter(({ type }) => type.startsWith("Drift"));
  const change = async (kind: "Deployment" | "HorizontalPodAutoscaler", patch: object): Promise<void> => {
    const found = [...scene.cluster.objects.values()].find((object) => object.kind === kind);
    const { namespace = "", name = "" } = found?.metadata ?? {};
    await scene.cluster.patch(kind, namespace, name, patch);
    await scene.clock.sleep(1 * seconds);
  };

  it("is nothing at first, whatever operations have done to the size", async () => {
    void run();
    await passes(30 * seconds);
    expect((await state()).drift).toEqual([]);
    expect(events()).toEqual([]);
  });

  it("is shown with what differs, told once, and gone when it is put right", async () => {
    void run();
    await passes(10 * seconds);
    await change("HorizontalPodAutoscaler", { spec: { maxReplicas: 50, minReplicas: 2 } });
    const [scaler] = scene.cluster.named("HorizontalPodAutoscaler");
    expect(await state()).toMatchObject({
      health: "healthy",
      condition: { type: "READY", status: "True", reason: "Drifted", message: expect.stringContaining("A restart puts it right") },
      drift: expect.arrayContaining([
        { slot: "blue", object: `HorizontalPodAutoscaler/${scaler}`, field: "spec.maxReplicas", expected: "2", found: "50" },
      ]),
    });
    await passes(1 * minutes);
    expect(events()).toHaveLength(1);
    await change("HorizontalPodAutoscaler", { spec: { maxReplicas: 2, minReplicas: 1 } });
    expect((await state()).drift).toEqual([]);
    expect(events().map(({ type }) => type)).toEqual(["Drift Found", "Drift Gone"]);
  });

  it("is an object that is gone, also where a copy of it has its labels", async () => {
    void run();
    await passes(10 * seconds);
    const scaler = [...scene.cluster.objects.values()].find(({ kind }) => kind === "HorizontalPodAutoscaler") as KubernetesObject;
    const { namespace = "", name = "" } = scaler.metadata;
    await scene.cluster.create({ ...scaler, metadata: { ...scaler.metadata, name: `${name}-copy` } });
    await passes(10 * seconds);
    expect((await state()).drift).toEqual([]);
    await scene.cluster.remove("HorizontalPodAutoscaler", namespace, name, null);
    await passes(10 * seconds);
    expect((await state()).drift).toMatchObject([{ object: `HorizontalPodAutoscaler/${name}`, expected: "present", found: "missing" }]);
  });

  it("is an image: named, old and new", async () => {
    void run();
    await passes(10 * seconds);
    await change("Deployment", { spec: { template: { spec: { containers: [{ name: "predictor", image: "evil/server:1" }] } } } });
    const { drift } = await state();
    expect(drift[0]).toMatchObject({
      field: "spec.template.spec.containers[predictor].image",
      expected: expect.stringContaining("onnx-server"),
      found: "evil/server:1",
    });
  });

  it("never shows a value of the environment", async () => {
    void run();
    await passes(10 * seconds);
    const env = [{ name: "HOME", value: "hunter2" }];
    await change("Deployment", {
      spec: { template: { spec: { containers: [{ name: "predictor", image: "slipway/onnx-server:1", env }] } } },
    });
    expect(JSON.stringify(await state())).not.toContain("hunter2");
    expect((await state()).drift.map(({ field }) => field)).toContain("spec.template.spec.containers[predictor].env[HOME].value");
  });
});
