import { get } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { gatewayObjects, route, routes } from "./support/objects.ts";

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster({ gatewayLagMs: 1500 });
  await it.cluster.apply(gatewayObjects);
});
afterAll(() => it.stop());

/** On a connection of its own: the next one comes to the other replica. */
function status(): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${it.cluster.gatewayUrl}/endpoints/late`, { agent: false }, (response) => resolve(response.resume().statusCode)).on(
      "error",
      reject,
    );
  });
}

test("one replica follows a route at once and the other later, whatever its status says", async () => {
  await it.api.create(routes, route("late", []));
  await it.api.until(routes, "late", (each) => each.status?.parents?.[0]?.conditions[0].status === "True");
  expect(new Set([await status(), await status()])).toEqual(new Set([500, 404]));
  await expect.poll(async () => [await status(), await status()]).toEqual([500, 500]);
});
