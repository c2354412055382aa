import { afterEach, beforeEach, expect, test } from "vitest";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { condition, deployment, deployments, isReady, namespaced, pods } from "./support/objects.ts";

const nodes = "/api/v1/nodes";
const silenced = (stopped: boolean) => ({ metadata: { annotations: { "slipway.dev/kubelet": stopped ? "stopped" : null } } });
/** As a pod says it that is not to wait five minutes. */
const tolerating = (tolerationSeconds: number) => ({
  tolerations: [{ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds }],
});

let it: ClusterUnderTest;
beforeEach(async () => {
  it = await startTestCluster({ nodes: ["one", "two"].map((name) => ({ name, cpu: 2, memory: "4Gi" })), nodeGraceMs: 50 });
});
afterEach(() => it.stop());

const events = async (reason: string) =>
  (await it.api.get(`${namespaced}/events`)).body.items.filter((event: { reason: string }) => event.reason === reason);

test("a node of which nothing is heard takes the readiness of its pods, and gives it back", async () => {
  await it.api.create(deployments, deployment("served"));
  const { metadata, spec } = await it.api.untilAny(pods, isReady);
  await it.api.patch(`${nodes}/${spec.nodeName}`, silenced(true));
  const lost = await it.api.until(pods, metadata.name, (each) => !isReady(each));
  expect(condition(lost, "Ready")).toMatchObject({ status: "False" });
  expect(condition(lost, "ContainersReady")).toMatchObject({ status: "True" });
  const node = (await it.api.get(`${nodes}/${spec.nodeName}`)).body;
  expect(condition(node, "Ready")).toMatchObject({ status: "Unknown", reason: "NodeStatusUnknown" });
  expect(node.spec.taints.map(({ effect }: { effect: string }) => effect)).toEqual(["NoSchedule", "NoExecute"]);
  expect(await events("NodeNotReady")).toMatchObject([{ type: "Warning", message: "Node is not ready" }]);

  await it.api.patch(`${nodes}/${spec.nodeName}`, silenced(false));
  await it.api.until(pods, metadata.name, isReady);
  const back = await it.api.until(nodes, spec.nodeName, (each) => condition(each, "Ready")?.status === "True" && !each.spec.taints?.length);
  expect(condition(back, "Ready")).toMatchObject({ reason: "KubeletReady" });
});

test("what does not tolerate it for longer is replaced elsewhere, and goes when its node is heard again", async () => {
  await it.api.create(deployments, deployment("served", {}, {}, tolerating(0)));
  const { metadata, spec } = await it.api.untilAny(pods, isReady);
  await it.api.patch(`${nodes}/${spec.nodeName}`, silenced(true));
  const leaving = await it.api.until(pods, metadata.name, (each) => each.metadata.deletionTimestamp !== undefined);
  expect(condition(leaving, "DisruptionTarget")).toMatchObject({ status: "True", reason: "DeletionByTaintManager" });
  const next = await it.api.untilAny(pods, (each) => each.metadata.name !== metadata.name && isReady(each));
  expect(next.spec.nodeName).not.toBe(spec.nodeName);
  expect((await it.api.get(`${pods}/${metadata.name}`)).status).toBe(200);

  await it.api.patch(`${nodes}/${spec.nodeName}`, silenced(false));
  await it.api.untilGone(`${pods}/${metadata.name}`);
});

test("nothing is begun on a node of which nothing is heard", async () => {
  await it.api.patch(`${nodes}/one`, { ...silenced(true), spec: { taints: [] } });
  await it.api.patch(`${nodes}/two`, { spec: { unschedulable: true } });
  await it.api.create(deployments, deployment("served", {}, {}, { tolerations: [{ operator: "Exists" }] }));
  const bound = await it.api.untilAny(pods, (each) => each.spec.nodeName === "one");
  await it.api.patch(`${nodes}/two`, { spec: { unschedulable: false } });
  expect(bound.status.containerStatuses).toBeUndefined();
  await it.api.patch(`${nodes}/one`, silenced(false));
  await it.api.untilAny(pods, isReady);
});
