import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import {
  condition,
  deployment,
  deployments,
  events,
  isReady,
  pod,
  pods,
  replicaSets,
  service,
  services,
  slices,
} from "./support/objects.ts";

const autoscalers = "/apis/autoscaling/v2/namespaces/test/horizontalpodautoscalers";
const budgets = "/apis/policy/v1/namespaces/test/poddisruptionbudgets";
const idle = { image: "example.com/none:1", readinessProbe: undefined };

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster();
});
afterAll(() => it.stop());

const ownedBy = async (path: string, app: string) => (await it.api.get(`${path}?labelSelector=app=${app}`)).body.items as Any[];
const available = (count: number) => (each: Any) =>
  each.status.availableReplicas === count && each.status.observedGeneration === each.metadata.generation;

describe("deployment", () => {
  test("its conditions in the order of a start", async () => {
    const { resourceVersion } = (await it.api.get(deployments)).body.metadata;
    await it.api.create(deployments, deployment("started"));
    const reasons: string[] = [];
    for await (const { object } of it.api.watch(`${deployments}?resourceVersion=${resourceVersion}`)) {
      const reason = condition(object, "Progressing")?.reason;
      if (reason && reasons.at(-1) !== reason) reasons.push(reason);
      if (reason === "NewReplicaSetAvailable") break;
    }
    expect(reasons).toEqual(["NewReplicaSetCreated", "ReplicaSetUpdated", "NewReplicaSetAvailable"]);
    const { body } = await it.api.get(`${deployments}/started`);
    expect(body.metadata.annotations["deployment.kubernetes.io/revision"]).toBe("1");
    const [set] = await ownedBy(replicaSets, "started");
    expect(condition(body, "Progressing").message).toBe(`ReplicaSet "${set.metadata.name}" has successfully progressed.`);
    expect(condition(body, "Available")).toMatchObject({ status: "True", reason: "MinimumReplicasAvailable" });
    const [started] = await ownedBy(pods, "started");
    expect(started.metadata).toMatchObject({
      generateName: `${set.metadata.name}-`,
      labels: { app: "started", "pod-template-hash": set.metadata.labels["pod-template-hash"] },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: set.metadata.name, uid: set.metadata.uid, controller: true }],
    });
    const said = await it.api.untilAny(events, (each) => each.reason === "ScalingReplicaSet" && each.involvedObject.name === "started");
    expect(said.message).toBe(`Scaled up replica set ${set.metadata.name} from 0 to 1`);
  });

  test("a new template replaces pods without going below what must be there", async () => {
    await it.api.create(
      deployments,
      deployment("rolled", {}, { replicas: 2, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }),
    );
    await it.api.until(deployments, "rolled", available(2));
    const before = (await ownedBy(pods, "rolled")).map((each) => each.metadata.name);
    const { resourceVersion } = (await it.api.get(deployments)).body.metadata;
    const containers = deployment("rolled", { env: [{ name: "TAG", value: "v2" }] }).spec.template.spec.containers;
    await it.api.patch(`${deployments}/rolled`, { spec: { template: { spec: { containers } } } });
    let fewest = 2;
    for await (const { object } of it.api.watch(`${deployments}?resourceVersion=${resourceVersion}&fieldSelector=metadata.name=rolled`)) {
      fewest = Math.min(fewest, object.status.availableReplicas);
      if (available(2)(object) && object.status.updatedReplicas === 2 && object.status.replicas === 2) break;
    }
    expect(fewest).toBe(2);
    const sets = await ownedBy(replicaSets, "rolled");
    expect(sets.map((set) => [set.metadata.annotations["deployment.kubernetes.io/revision"], set.spec.replicas]).toSorted()).toEqual([
      ["1", 0],
      ["2", 2],
    ]);
    await expect.poll(async () => (await ownedBy(pods, "rolled")).filter((each) => before.includes(each.metadata.name)).length).toBe(0);
  });

  test("a pod that is deleted is replaced", async () => {
    await it.api.create(deployments, deployment("healed"));
    await it.api.until(deployments, "healed", available(1));
    const [first] = await ownedBy(pods, "healed");
    await it.api.delete(`${pods}/${first.metadata.name}`);
    await it.api.untilAny(
      pods,
      (each) => each.metadata.labels.app === "healed" && each.metadata.uid !== first.metadata.uid && isReady(each),
    );
  });
});

describe("autoscaler", () => {
  const autoscaler = (name: string, minReplicas: number, maxReplicas: number, more: Any = {}) => ({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, minReplicas, maxReplicas, ...more },
  });

  test("holds the deployment between minReplicas and maxReplicas", async () => {
    await it.api.create(deployments, deployment("scaled", idle));
    await it.api.create(autoscalers, autoscaler("scaled", 3, 4));
    await it.api.until(deployments, "scaled", (each) => each.spec.replicas === 3);
    const seen = await it.api.until(autoscalers, "scaled", (each) => each.status?.currentReplicas === 3);
    expect(condition(seen, "AbleToScale").status).toBe("True");
    await it.api.patch(`${autoscalers}/scaled`, { spec: { minReplicas: 1, maxReplicas: 2 } });
    await it.api.until(deployments, "scaled", (each) => each.spec.replicas === 2);
    // Without measurements a lower minimum alone takes no pod away.
    const unmeasured = await it.api.until(autoscalers, "scaled", (each) => condition(each, "ScalingActive") !== undefined);
    expect(condition(unmeasured, "ScalingActive")).toMatchObject({ status: "False", reason: "FailedGetResourceMetric" });
    await it.api.patch(`${autoscalers}/scaled`, { spec: { maxReplicas: 1 } });
    await it.api.until(deployments, "scaled", (each) => each.spec.replicas === 1);
  });

  test("without its deployment it is unable to scale", async () => {
    await it.api.create(autoscalers, autoscaler("targetless", 1, 2));
    const seen = await it.api.until(autoscalers, "targetless", (each) => condition(each, "AbleToScale") !== undefined);
    expect(condition(seen, "AbleToScale")).toMatchObject({ status: "False", reason: "FailedGetScale" });
  });
});

describe("disruption budget", () => {
  const evict = (name: string) =>
    it.api.create(`${pods}/${name}/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace: "test" } });

  test("evicts one at a time, and no more", async () => {
    await it.api.create(deployments, deployment("guarded", {}, { replicas: 2 }));
    await it.api.create(budgets, {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "guarded" },
      spec: { selector: { matchLabels: { app: "guarded" } }, maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" },
    });
    const budget = await it.api.until(budgets, "guarded", (each) => each.status?.currentHealthy === 2);
    expect(budget.status).toMatchObject({ expectedPods: 2, desiredHealthy: 1, disruptionsAllowed: 1, observedGeneration: 1 });
    const [first, second] = await ownedBy(pods, "guarded");
    const evicted = await evict(first.metadata.name);
    expect([evicted.status, evicted.body.status]).toEqual([201, "Success"]);
    expect(condition((await it.api.get(`${pods}/${first.metadata.name}`)).body, "DisruptionTarget")).toMatchObject({
      reason: "EvictionByEvictionAPI",
    });
    expect((await evict(second.metadata.name)).body).toMatchObject({
      code: 429,
      reason: "TooManyRequests",
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: "DisruptionBudget" }] },
    });
  });

  test("a pod that never became ready may always go", async () => {
    await it.api.create(pods, pod("unhealthy", {}, { env: [{ name: "READY", value: "no" }] }));
    await it.api.create(budgets, {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "unhealthy" },
      spec: { selector: { matchLabels: { app: "unhealthy" } }, minAvailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" },
    });
    await it.api.until(pods, "unhealthy", (each) => each.status.phase === "Running");
    await it.api.until(budgets, "unhealthy", (each) => each.status?.observedGeneration === 1);
    expect((await evict("unhealthy")).status).toBe(201);
  });
});

test("a Service without pods has a slice with null lists", async () => {
  await it.api.create(services, service("alone"));
  const slice = await it.api.untilAny(slices, (each) => each.metadata.labels["kubernetes.io/service-name"] === "alone");
  expect([slice.endpoints, slice.ports]).toEqual([null, null]);
  expect(slice.metadata.ownerReferences).toMatchObject([{ kind: "Service", name: "alone" }]);
  await it.api.delete(`${services}/alone`);
  await it.api.untilGone(`${slices}/${slice.metadata.name}`);
});

test("an event that is said again is counted", async () => {
  await it.api.create(pods, pod("repeating", {}, { env: [{ name: "READY", value: "no" }] }));
  const event = await it.api.untilAny(
    events,
    (each) => each.involvedObject.name === "repeating" && each.reason === "Unhealthy" && each.count >= 2,
  );
  expect(Date.parse(event.lastTimestamp)).toBeGreaterThanOrEqual(Date.parse(event.firstTimestamp));
  const { items } = (await it.api.get(`${events}?fieldSelector=involvedObject.name=repeating,type=Warning`)).body;
  expect(new Set(items.map((each: Any) => each.message)).size).toBe(items.length);
});
