import { get, request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { healthyAfterMs } from "../../../local/cluster/gateway/target-groups.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { deployment, deployments, gatewayObjects, route, routes, service, services } from "./support/objects.ts";

let under: ClusterUnderTest;
const filters = [{ type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } }];
const routed = (...backends: object[]) => route("it", backends, { filters });
const backend = (name: string, weight: number) => ({ name, port: 80, weight });

beforeAll(async () => {
  under = await startTestCluster({ gatewayLikeAlb: true });
  await under.cluster.apply(gatewayObjects);
  for (const name of ["old", "new"]) {
    await under.api.create(services, service(name));
    await under.api.create(deployments, deployment(name));
    await under.api.until(deployments, name, (each) => each.status?.availableReplicas === 1);
  }
  await under.api.create(routes, routed(backend("old", 1)));
});
afterAll(() => under.stop());

function status(path: string): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    get(`${under.cluster.gatewayUrl}/endpoints/it${path}`, { agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
      response.on("error", () => resolve("broken off"));
    }).on("error", () => resolve("broken off"));
  });
}
const point = (...backends: object[]) => under.api.patch(`${routes}/it`, { spec: { rules: [{ ...route("it", backends).spec.rules[0] }] } });

describe("a gateway that registers targets as an Application Load Balancer does", () => {
  it("breaks off what is under way on targets that leave the route", async () => {
    await expect.poll(() => status("/"), { timeout: 3 * healthyAfterMs }).toBe(200);
    const ended = Promise.withResolvers<string | undefined>();
    const sent = request(`${under.cluster.gatewayUrl}/endpoints/it/stream`, { method: "POST", agent: false }, (answer) => {
      answer.on("error", (error: NodeJS.ErrnoException) => ended.resolve(error.code)).on("end", () => ended.resolve("ended"));
      answer.once("data", () => void point(backend("new", 1)));
    });
    sent.on("error", (error) => ended.reject(error)).flushHeaders();
    expect(await ended.promise).toBe("ECONNRESET");
  });

  it("has nobody to send to when a route is moved to targets that it did not know", async () => {
    await point(backend("old", 1));
    await expect.poll(() => status("/"), { timeout: 3 * healthyAfterMs }).toBe(200);
    await point(backend("new", 1));
    await expect.poll(() => status("/"), { interval: 10 }).toBe(503);
    await expect.poll(() => status("/"), { timeout: 3 * healthyAfterMs }).toBe(200);
  });

  it("goes on without a gap when they have been in the route before, without weight", async () => {
    await point(backend("new", 1), backend("old", 0));
    const began = Date.now();
    while (Date.now() - began < healthyAfterMs + 500) expect(await status("/")).toBe(200);
    await point(backend("new", 0), backend("old", 1));
    for (let times = 0; times < 50; times++) expect(await status("/")).toBe(200);
  });
});
