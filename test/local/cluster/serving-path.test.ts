import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import {
  condition,
  deployment,
  deployments,
  gatewayObjects,
  isReady,
  pods,
  route,
  routes,
  service,
  services,
  slices,
} from "./support/objects.ts";

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster();
  await it.cluster.apply(gatewayObjects);
});
afterAll(() => it.stop());

test("a Deployment becomes a process that answers through Service, HTTPRoute and gateway", async () => {
  await it.api.create(deployments, deployment("iris", { env: [{ name: "TAG", value: "v1" }] }));
  await it.api.create(services, service("iris"));
  await it.api.create(
    routes,
    route("iris", [{ name: "iris", port: 80 }], {
      filters: [{ type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } }],
    }),
  );

  const available = await it.api.until(deployments, "iris", (object) => condition(object, "Available")?.status === "True");
  expect(available.status).toMatchObject({
    replicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
    updatedReplicas: 1,
    observedGeneration: 1,
  });
  const pod = await it.api.untilAny(pods, isReady);
  expect(pod.metadata.name).toMatch(/^iris-[a-z0-9]+-[a-z0-9]{5}$/);
  await it.api.untilAny(slices, (slice) => slice.endpoints?.[0]?.conditions.ready === true);
  const accepted = await it.api.until(routes, "iris", (object) => object.status?.parents?.[0]?.conditions.length === 2);
  expect(accepted.status.parents[0].conditions.map((each: { type: string; status: string }) => [each.type, each.status])).toEqual([
    ["Accepted", "True"],
    ["ResolvedRefs", "True"],
  ]);

  const answer = await fetch(`${it.cluster.gatewayUrl}/endpoints/iris/v2/models/iris/infer?a=1`, { method: "POST", body: "[1]" });
  expect(await answer.json()).toMatchObject({ tag: "v1", method: "POST", url: "/v2/models/iris/infer?a=1", body: "[1]" });
});
