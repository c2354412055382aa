import { expect, onTestFinished, test } from "vitest";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { condition, deployment, deployments, isReady, pods } from "./support/objects.ts";

test("pods go to the node with most room; a node that is gone takes its pods with it", async () => {
  const resources = { requests: { cpu: "1" } };
  const [big, small] = [
    { name: "big", cpu: 2, memory: "4Gi" },
    { name: "small", cpu: "1500m", memory: "4Gi" },
  ];
  let it: ClusterUnderTest = await startTestCluster({ nodes: [big, small] });
  onTestFinished(() => it.stop());
  await it.api.create(deployments, deployment("spread", { resources }, { replicas: 2 }));
  await it.api.until(deployments, "spread", (each) => each.status.availableReplicas === 2);
  const nodesOfPods = (await it.api.get(pods)).body.items.map((each: { spec: { nodeName: string } }) => each.spec.nodeName);
  expect(nodesOfPods.toSorted()).toEqual(["big", "small"]);

  it = await it.restart({ nodes: [small] });
  expect((await it.api.get("/api/v1/nodes")).body.items.map((each: { metadata: { name: string } }) => each.metadata.name)).toEqual([
    "small",
  ]);
  const held = await it.api.untilAny(pods, (each) => condition(each, "PodScheduled")?.status === "False");
  expect(condition(held, "PodScheduled").message).toMatch(/^0\/1 nodes are available: 1 Insufficient cpu\./);
  await it.api.untilAny(pods, (each) => each.spec.nodeName === "small" && isReady(each));
});
