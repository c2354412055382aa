import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
const call = (path: string, init: RequestInit = {}) => fetch(`${it.cluster.gatewayUrl}${path}`, init);

/** Creates a route and waits until the gateway has taken it in. */
async function apply(name: string, backends: Any[], rule: Any = root) {
  await it.api.create(routes, route(name, backends, rule));
  return it.api.until(routes, name, (each) => parent(each, "ResolvedRefs") !== undefined);
}

async function tally(path: string, count: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let sent = 0; sent < count; sent += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(path)));
    for (const answer of answers) {
      const key = answer.ok ? ((await answer.json()) as Any).tag : String(answer.status);
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  return counts;
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

describe("weights", () => {
  test("requests are shared as the weights say", async () => {
    await apply("shared", [
      { name: "blue", port: 80, weight: 80 },
      { name: "green", port: 80, weight: 20 },
    ]);
    const { blue = 0, green = 0 } = await tally("/endpoints/shared/x", 1000);
    expect(blue + green).toBe(1000);
    // Eight standard deviations on either side.
    expect(blue).toBeGreaterThan(700);
    expect(blue).toBeLessThan(900);
  });

  test("a patch moves all traffic at once, and weight 0 gets none", async () => {
    await apply("moved", [{ name: "blue", port: 80, weight: 1 }]);
    expect(await tally("/endpoints/moved/x", 20)).toEqual({ blue: 20 });
    const { spec } = (await it.api.get(`${routes}/moved`)).body;
    spec.rules[0].backendRefs = [
      { name: "blue", port: 80, weight: 0 },
      { name: "green", port: 80, weight: 100 },
    ];
    const patched = (await it.api.patch(`${routes}/moved`, { spec })).body;
    expect(patched.metadata.generation).toBe(2);
    const seen = await it.api.until(routes, "moved", (each) => parent(each, "Accepted")?.observedGeneration === 2);
    expect(parent(seen, "ResolvedRefs").observedGeneration).toBe(2);
    expect(await tally("/endpoints/moved/x", 40)).toEqual({ green: 40 });
  });

  test("the share of a Service that is not there fails with 500, and the route says so", async () => {
    const object = await apply("half", [
      { name: "blue", port: 80, weight: 50 },
      { name: "missing", port: 80, weight: 50 },
    ]);
    expect(parent(object, "Accepted").status).toBe("True");
    expect(parent(object, "ResolvedRefs")).toMatchObject({ status: "False", reason: "BackendNotFound" });
    const counts = await tally("/endpoints/half/x", 200);
    expect(Object.keys(counts).toSorted()).toEqual(["500", "blue"]);
  });

  test("a Service without endpoints answers 503 while the route is in order", async () => {
    await it.api.create(services, service("nobody"));
    const object = await apply("empty", [{ name: "nobody", port: 80 }]);
    expect(parent(object, "ResolvedRefs").status).toBe("True");
    expect((await call("/endpoints/empty/x")).status).toBe(503);
  });
});

describe("matches", () => {
  test("no route is 404; no backend is 500; a prefix ends at a slash", async () => {
    await apply("bare", []);
    expect((await call("/endpoints/none")).status).toBe(404);
    expect((await call("/endpoints/bare")).status).toBe(500);
    expect((await call("/endpoints/bare/x")).status).toBe(500);
    expect((await call("/endpoints/bareness")).status).toBe(404);
  });

  test("headers have to be there exactly, and the more of them match the sooner", async () => {
    const path = { type: "PathPrefix", value: "/endpoints/private" };
    const match = (...headers: Any[]) => ({ ...root, matches: [{ path, headers }] });
    await apply("closed", [{ name: "blue", port: 80 }], match({ name: "X-Slipway-Access", value: "client" }));
    expect((await call("/endpoints/private")).status).toBe(404);
    expect((await call("/endpoints/private", { headers: { "X-Slipway-Access": "public" } })).status).toBe(404);
    expect((await call("/endpoints/private", { headers: { "x-slipway-access": "client" } })).status).toBe(200);
    await apply(
      "closer",
      [{ name: "green", port: 80 }],
      match({ name: "X-Slipway-Access", value: "client" }, { name: "X-More", value: "1" }),
    );
    const answer = await call("/endpoints/private", { headers: { "x-slipway-access": "client", "x-more": "1" } });
    expect(((await answer.json()) as Any).tag).toBe("green");
  });

  test("the longer prefix goes first, an exact path before all", async () => {
    const matches = (type: string, value: string) => ({ matches: [{ path: { type, value } }] });
    await apply("outer", [{ name: "blue", port: 80 }], matches("PathPrefix", "/nested"));
    await apply("inner", [{ name: "green", port: 80 }], matches("PathPrefix", "/nested/deep"));
    await apply("exact", [{ name: "blue", port: 80 }], matches("Exact", "/nested/deep/one"));
    const tagOf = async (path: string) => ((await (await call(path)).json()) as Any).tag;
    expect(await Promise.all(["/nested/a", "/nested/deep/two", "/nested/deep/one"].map(tagOf))).toEqual(["blue", "green", "blue"]);
  });
});

test("filters: path, request headers, answer headers, also on the gateway's own answers", async () => {
  const filters = [
    ...root.filters,
    { type: "RequestHeaderModifier", requestHeaderModifier: { set: [{ name: "X-Set", value: "new" }], remove: ["authorization"] } },
    { type: "ResponseHeaderModifier", responseHeaderModifier: { set: [{ name: "X-Slipway-Route", value: "3-7" }], remove: ["x-removed"] } },
  ];
  await apply("filtered", [{ name: "blue", port: 80 }], { filters });
  const answer = await call("/endpoints/filtered?q=1", { headers: { authorization: "Basic x", "x-set": "old" } });
  const body = (await answer.json()) as Any;
  expect(body).toMatchObject({ url: "/?q=1", headers: { "x-set": "new", "x-forwarded-for": "127.0.0.1" } });
  expect(body.headers).not.toHaveProperty("authorization");
  expect([answer.headers.get("x-slipway-route"), answer.headers.get("x-removed")]).toEqual(["3-7", null]);
  await apply("filtered-empty", [], { filters });
  const refused = await call("/endpoints/filtered-empty");
  expect([refused.status, refused.headers.get("x-slipway-route")]).toEqual([500, "3-7"]);
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

test("pods that come, and go after a pause, are no failed request", async () => {
  await apply("steady", [{ name: "blue", port: 80 }]);
  let going = true;
  const failures: string[] = [];
  const load = (async () => {
    while (going) {
      const answer = await call("/endpoints/steady/x").catch((error: Error) => error);
      if (answer instanceof Error) failures.push(answer.message);
      else if (!answer.ok) failures.push(String(answer.status));
    }
  })();
  await it.api.patch(`${deployments}/blue`, { spec: { replicas: 2 } });
  await it.api.until(deployments, "blue", (each) => each.status.availableReplicas === 2);
  await it.api.patch(`${deployments}/blue`, { spec: { replicas: 1 } });
  await it.api.untilAny(slices, (each) => each.metadata.labels["kubernetes.io/service-name"] === "blue" && each.endpoints.length === 1);
  going = false;
  await load;
  expect(failures).toEqual([]);
});
