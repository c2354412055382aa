import { afterAll, beforeAll, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { conversation } from "./support/conversation.ts";
import { condition, deployment, deployments, gatewayObjects, route, routes, service, services, slices } from "./support/objects.ts";

const root = { filters: [{ type: "URLRewrite", urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } } }] };

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster();
  await it.cluster.apply(gatewayObjects);
  for (const name of ["blue", "green"]) {
    const lifecycle = { preStop: { sleep: { seconds: 1 } } };
    await it.api.create(deployments, deployment(name, { env: [{ name: "TAG", value: name }], lifecycle }));
    await it.api.create(services, service(name));
  }
  for (const name of ["blue", "green"]) {
    await it.api.until(deployments, name, (each) => condition(each, "Available")?.status === "True");
    await it.api.untilAny(
      slices,
      (each) => each.metadata.labels["kubernetes.io/service-name"] === name && each.endpoints?.[0]?.conditions.ready,
    );
  }
});
afterAll(() => it.stop());

const parent = (object: Any, type: string) => object.status?.parents?.[0]?.conditions.find((each: Any) => each.type === type);

/** Creates a route and waits until the gateway has taken it in. */
async function apply(name: string, backends: Any[], rule: Any = root) {
  await it.api.create(routes, route(name, backends, rule));
  return it.api.until(routes, name, (each) => parent(each, "ResolvedRefs") !== undefined);
}

test("the Gateway, its class and its Service tell that they are there", async () => {
  const base = "/apis/gateway.networking.k8s.io/v1";
  const gateways = `${base}/namespaces/slipway-gateway/gateways`;
  const gateway = await it.api.until(gateways, "slipway", (each) => condition(each, "Programmed")?.status === "True");
  expect(condition(gateway, "Accepted")).toMatchObject({ status: "True", observedGeneration: 1 });
  expect(condition(await it.api.until(`${base}/gatewayclasses`, "local", (each) => each.status), "Accepted").status).toBe("True");
  await apply("by-service", [{ name: "blue", port: 80 }]);
  const { body } = await it.api.get("/api/v1/namespaces/slipway-gateway/services/slipway-gateway:80/proxy/endpoints/by-service/v2");
  expect(body).toMatchObject({ tag: "blue", url: "/v2" });
});

test("a filter that this gateway has not is not accepted", async () => {
  const filters = [{ type: "RequestMirror", requestMirror: { backendRef: { name: "green", port: 80 } } }];
  const object = await apply("mirrored", [{ name: "blue", port: 80 }], { filters });
  expect(parent(object, "Accepted")).toMatchObject({
    status: "False",
    reason: "UnsupportedValue",
    message: expect.stringContaining("RequestMirror"),
  });
});

test("both directions are streamed", async () => {
  await apply("streamed", [{ name: "blue", port: 80 }]);
  expect(await conversation(`${it.cluster.gatewayUrl}/endpoints/streamed/stream`)).toBe("first\nsecond\nlast\n");
});
