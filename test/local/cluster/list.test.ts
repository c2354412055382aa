import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { namespaced, routes } from "./support/objects.ts";

const configMaps = `${namespaced}/configmaps`;
const configMap = (name: string, more: Any = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...more.metadata },
  data: more.data ?? {},
});

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster();
});
afterAll(() => it.stop());

describe("list", () => {
  test("pages of one snapshot, whatever happens meanwhile", async () => {
    const create = (name: string) => it.api.create(configMaps, configMap(name, { metadata: { labels: { list: "paged" } } }));
    for (const name of ["p1", "p2", "p3", "p4", "p5"]) await create(name);
    const path = `${configMaps}?labelSelector=list=paged&limit=2`;
    const first = (await it.api.get(path)).body;
    expect(first.metadata.remainingItemCount).toBe(3);
    await create("p0");
    await create("p6");
    await it.api.delete(`${configMaps}/p4`);
    const second = (await it.api.get(`${path}&continue=${first.metadata.continue}`)).body;
    const third = (await it.api.get(`${path}&continue=${second.metadata.continue}`)).body;
    const names = [first, second, third].map((page) => page.items.map((item: Any) => item.metadata.name));
    expect(names).toEqual([["p1", "p2"], ["p3", "p4"], ["p5"]]);
    expect(new Set([first, second, third].map((page) => page.metadata.resourceVersion)).size).toBe(1);
    expect(third.metadata.continue).toBeUndefined();
  });

  test("items of built-in kinds carry no kind, those of custom ones do", async () => {
    const { body } = await it.api.get(configMaps);
    expect([body.kind, body.items[0].kind, body.items[0].apiVersion]).toEqual(["ConfigMapList", undefined, undefined]);
    await it.api.create(routes, {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "any" },
      spec: { rules: [{}] },
    });
    expect((await it.api.get(routes)).body.items[0].kind).toBe("HTTPRoute");
  });

  test.each([
    ["labelSelector=tier=a", ["s1", "s2"]],
    ["labelSelector=tier==a,zone!=x", ["s2"]],
    ["labelSelector=tier+in+(a,b)", ["s1", "s2", "s3"]],
    ["labelSelector=tier,tier+notin+(a)", ["s3"]],
    ["labelSelector=zone", ["s1"]],
    ["labelSelector=!zone,tier", ["s2", "s3"]],
    ["fieldSelector=metadata.name=s2", ["s2"]],
    ["labelSelector=tier=a&fieldSelector=metadata.name!=s1", ["s2"]],
    ["fieldSelector=metadata.namespace=other&labelSelector=tier", []],
  ])("%s", async (query, names) => {
    for (const [name, labels] of Object.entries({ s1: { tier: "a", zone: "x" }, s2: { tier: "a" }, s3: { tier: "b" } })) {
      await it.api.create(configMaps, configMap(name, { metadata: { labels } }));
    }
    const { body } = await it.api.get(`${configMaps}?${query}`);
    expect(body.items.map((item: Any) => item.metadata.name)).toEqual(names);
  });

  test("a selector that cannot be read is refused", async () => {
    expect((await it.api.get(`${configMaps}?labelSelector=a+b`)).body).toMatchObject({ code: 400, reason: "BadRequest" });
    expect((await it.api.get(`${configMaps}?fieldSelector=spec.x=1`)).body.message).toContain("field label not supported: spec.x");
  });
});

test("discovery tells which kinds there are", async () => {
  expect((await it.api.get("/version")).body.major).toBe("1");
  expect((await it.api.get("/readyz")).text).toBe("ok");
  expect((await it.api.get("/apis")).body.groups.map((group: Any) => group.name)).toContain("gateway.networking.k8s.io");
  const { resources } = (await it.api.get("/apis/apps/v1")).body;
  expect(resources.map((resource: Any) => resource.name)).toEqual([
    "deployments",
    "deployments/status",
    "replicasets",
    "replicasets/status",
  ]);
});
