import { beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { autoscaler, budget, condition, deployment, idleDeployment, isReady, pod } from "./support/objects.ts";
import { api, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("scaling");
});

describe("autoscaler", () => {
  const resize = (name: string, spec: Any) => api.patch(`${here.autoscalers}/${name}`, { spec });
  const ofSize = (name: string, replicas: number) => api.until(here.deployments, name, (each) => each.spec.replicas === replicas);

  test("what clients see filled in", async () => {
    const frozen = { behavior: { scaleDown: { selectPolicy: "Disabled" } } };
    const { spec } = await api.make(`${here.autoscalers}?dryRun=All`, autoscaler("plain", 2, 4, frozen));
    expect(spec.metrics).toEqual([
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
    ]);
    expect(spec.behavior).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: "Max",
        policies: [
          { type: "Pods", value: 4, periodSeconds: 15 },
          { type: "Percent", value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: { selectPolicy: "Disabled", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] },
    });
  });

  test.each([
    ["nothing at most", autoscaler("a", 1, 0), "spec.maxReplicas: Invalid value: 0: must be greater than 0"],
    [
      "less at most than at least",
      autoscaler("a", 3, 2),
      "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`",
    ],
    ["nothing at least", autoscaler("a", 0, 2), "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"],
  ])("refuses %s", async (_what, body, message) => {
    expect((await api.create(here.autoscalers, body)).body).toMatchObject({ code: 422, message: expect.stringContaining(message) });
  });

  test("holds the deployment between minReplicas and maxReplicas; measurements alone make it smaller", async () => {
    await api.make(here.deployments, idleDeployment("scaled"));
    await api.make(here.autoscalers, autoscaler("scaled", 3, 4));
    await ofSize("scaled", 3);
    const seen = await api.until(here.autoscalers, "scaled", (each) => each.status?.currentReplicas === 3);
    expect(condition(seen, "AbleToScale").status).toBe("True");
    await resize("scaled", { minReplicas: 1, maxReplicas: 2 });
    await ofSize("scaled", 2);
    const unmeasured = await api.until(here.autoscalers, "scaled", (each) => condition(each, "ScalingActive")?.status === "False");
    expect(condition(unmeasured, "ScalingActive").reason).toBe("FailedGetResourceMetric");
    await resize("scaled", { maxReplicas: 1 });
    await ofSize("scaled", 1);
  });

  test("raises at once what is below minReplicas also while scaling down is off", async () => {
    await api.make(here.deployments, idleDeployment("held"));
    await api.make(here.autoscalers, autoscaler("held", 2, 5, { behavior: { scaleDown: { selectPolicy: "Disabled" } } }));
    await ofSize("held", 2);
    await resize("held", { minReplicas: 4 });
    await ofSize("held", 4);
    await resize("held", { minReplicas: 1 });
    // It has looked again, and at the new bound.
    const again = await api.until(
      here.autoscalers,
      "held",
      (each) => each.status?.observedGeneration === each.metadata.generation || each.spec.minReplicas === 1,
    );
    expect(again.spec.minReplicas).toBe(1);
    expect((await api.get(`${here.deployments}/held`)).body.spec.replicas).toBe(4);
  });

  test("a deployment without replicas is left alone", async () => {
    await api.make(here.deployments, idleDeployment("off", { replicas: 0 }));
    await api.make(here.autoscalers, autoscaler("off", 2, 3));
    const seen = await api.until(here.autoscalers, "off", (each) => condition(each, "ScalingActive") !== undefined);
    expect(condition(seen, "ScalingActive")).toMatchObject({ status: "False", reason: "ScalingDisabled" });
    expect((await api.get(`${here.deployments}/off`)).body.spec.replicas).toBe(0);
  });

  test("without its deployment it is unable to scale", async () => {
    await api.make(here.autoscalers, autoscaler("targetless", 1, 2));
    const seen = await api.until(here.autoscalers, "targetless", (each) => condition(each, "AbleToScale") !== undefined);
    expect(condition(seen, "AbleToScale")).toMatchObject({ status: "False", reason: "FailedGetScale" });
  });
});

describe("disruption budget", () => {
  const evict = (name: string) =>
    api.create(`${here.pods}/${name}/eviction`, {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name, namespace: here.namespace },
    });

  test("evicts one at a time, and no more", async () => {
    await api.make(here.deployments, deployment("guarded", {}, { replicas: 2 }));
    await api.make(here.budgets, budget("guarded", { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" }));
    const { status } = await api.until(here.budgets, "guarded", (each) => each.status?.currentHealthy === 2);
    expect(status).toMatchObject({ expectedPods: 2, desiredHealthy: 1, disruptionsAllowed: 1, observedGeneration: 1 });
    const [first, second] = (await api.get(`${here.pods}?labelSelector=app=guarded`)).body.items;
    const { resourceVersion } = (await api.get(here.pods)).body.metadata;
    const evicted = await evict(first.metadata.name);
    const refused = await evict(second.metadata.name);
    expect([evicted.status, evicted.body.status]).toEqual([201, "Success"]);
    const [marked] = await api.take(
      `${here.pods}?resourceVersion=${resourceVersion}&fieldSelector=metadata.name=${first.metadata.name}`,
      1,
    );
    expect(condition(marked?.object, "DisruptionTarget")).toMatchObject({ status: "True", reason: "EvictionByEvictionAPI" });
    expect(refused.body).toMatchObject({
      code: 429,
      reason: "TooManyRequests",
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: "DisruptionBudget", message: expect.stringContaining("guarded") }] },
    });
  });

  test("a pod that never became ready may always go", async () => {
    await api.make(here.pods, pod("unhealthy", {}, { env: [{ name: "READY", value: "no" }] }));
    await api.make(here.budgets, budget("unhealthy", { minAvailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" }));
    await api.until(here.pods, "unhealthy", (each) => each.status.phase === "Running");
    await api.until(here.budgets, "unhealthy", (each) => each.status?.observedGeneration === 1);
    expect((await evict("unhealthy")).status).toBe(201);
  });

  test("a pod without budget may go", async () => {
    await api.make(here.pods, pod("free"));
    await api.until(here.pods, "free", isReady);
    expect((await evict("free")).status).toBe(201);
    expect((await evict("none")).body).toMatchObject({ code: 404, message: 'pods "none" not found' });
  });
});
