import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { gatewayObjects, route, routes } from "./support/objects.ts";

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster({ gatewayLagMs: 1500 });
  await it.cluster.apply(gatewayObjects);
});
afterAll(() => it.stop());

test("the data plane follows a route later than its status says", async () => {
  const status = async () => (await fetch(`${it.cluster.gatewayUrl}/endpoints/late`)).status;
  await it.api.create(routes, route("late", []));
  await it.api.until(routes, "late", (each) => each.status?.parents?.[0]?.conditions[0].status === "True");
  expect(await status()).toBe(404);
  await expect.poll(status, { timeout: 10_000 }).toBe(500);
});
