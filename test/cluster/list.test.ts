import { beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { configMap, pod, route } from "./support/objects.ts";
import { api, cluster, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("list");
});

const names = (list: Any): string[] => list.items.map((item: Any) => item.metadata.name);

describe("pages", () => {
  const label = (list: string) => ({ metadata: { labels: { list } } });

  test("are of one snapshot, whatever happens meanwhile", async () => {
    for (const name of ["p1", "p2", "p3", "p4", "p5"]) await api.make(here.configMaps, configMap(name));
    const path = `${here.configMaps}?fieldSelector=metadata.name!=kube-root-ca.crt&limit=2`;
    const first = (await api.get(path)).body;
    await api.make(here.configMaps, configMap("p0"));
    await api.make(here.configMaps, configMap("p6"));
    await api.delete(`${here.configMaps}/p4`);
    const second = (await api.get(`${path}&continue=${first.metadata.continue}`)).body;
    const third = (await api.get(`${path}&continue=${second.metadata.continue}`)).body;
    expect([first, second, third].map(names)).toEqual([["p1", "p2"], ["p3", "p4"], ["p5"]]);
    expect(new Set([first, second, third].map((page) => page.metadata.resourceVersion)).size).toBe(1);
    expect(third.metadata.continue).toBeUndefined();
  });

  test("tell how many remain, unless a selector makes that a guess", async () => {
    for (const name of ["r1", "r2", "r3"]) await api.make(here.secrets, { ...configMap(name, label("rest")), kind: "Secret" });
    expect((await api.get(`${here.secrets}?limit=2`)).body.metadata.remainingItemCount).toBe(1);
    const selected = (await api.get(`${here.secrets}?labelSelector=list=rest&limit=2`)).body.metadata;
    expect([typeof selected.continue, selected.remainingItemCount]).toEqual(["string", undefined]);
  });

  test("a page whose snapshot is forgotten is 410 Expired, with a token to go on from now", async () => {
    for (const name of ["c1", "c2"]) await api.make(here.configMaps, configMap(name, label("expired")));
    const path = `${here.configMaps}?labelSelector=list=expired&limit=1`;
    const next = async () => (await api.get(`${path}&continue=${tokenFrom(1, "c1")}`)).body;
    // A real server forgets every five minutes what was five minutes before.
    await expect.poll(async () => (await next()).code, { timeout: 660_000, interval: 2000 }).toBe(410);
    const body = await next();
    expect(body).toMatchObject({
      status: "Failure",
      code: 410,
      reason: "Expired",
      message: expect.stringContaining("The provided continue parameter is too old to display a consistent list result."),
      metadata: { continue: expect.any(String) },
    });
    expect(names((await api.get(`${path}&continue=${body.metadata.continue}`)).body)).toEqual(["c2"]);
  }, 700_000);

  test("a token that is none is refused", async () => {
    const { body } = await api.get(`${here.configMaps}?limit=1&continue=nonsense`);
    expect(body).toMatchObject({
      code: 400,
      reason: "BadRequest",
      message: expect.stringMatching(/^invalid continue token: continue key is not valid: /),
    });
  });

  /** What the API server gives as `continue`, made for a version that it has forgotten. */
  const tokenFrom = (rv: number, name: string) =>
    Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv, start: `/${name}\u0000` })).toString("base64url");
});

test("items of built-in kinds carry no kind, those of custom ones do", async () => {
  await api.make(here.configMaps, configMap("any"));
  const { body } = await api.get(here.configMaps);
  expect([body.kind, body.apiVersion, body.items[0].kind, body.items[0].apiVersion]).toEqual(["ConfigMapList", "v1", undefined, undefined]);
  if (!cluster.gatewayUrl) return;
  await api.make(here.routes, route("any", []));
  const routes = (await api.get(here.routes)).body;
  expect([routes.kind, routes.items[0].kind]).toEqual(["HTTPRouteList", "HTTPRoute"]);
});

describe("selectors", () => {
  beforeAll(async () => {
    for (const [name, labels] of Object.entries({ s1: { tier: "a", zone: "x" }, s2: { tier: "a" }, s3: { tier: "b" } })) {
      await api.make(here.secrets, { ...configMap(name, { metadata: { labels } }), kind: "Secret" });
    }
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
  ])("%s", async (query, expected) => {
    expect(names((await api.get(`${here.secrets}?${query}`)).body)).toEqual(expected);
  });

  test("over all namespaces", async () => {
    const { body } = await api.get(`/api/v1/secrets?labelSelector=tier=b&fieldSelector=metadata.namespace=${here.namespace}`);
    expect(names(body)).toEqual(["s3"]);
  });

  test("of pods by phase and node, of events by what they are about", async () => {
    await api.make(here.pods, pod("huge", {}, { resources: { requests: { cpu: "1000" } } }));
    const about = `involvedObject.name=huge,reason=FailedScheduling,type=Warning`;
    await api.untilAny(`${here.events}?fieldSelector=${about}`, () => true);
    expect(names((await api.get(`${here.pods}?fieldSelector=status.phase=Pending,spec.nodeName=`)).body)).toEqual(["huge"]);
    expect(names((await api.get(`${here.pods}?fieldSelector=status.phase=Running`)).body)).toEqual([]);
    const { items } = (await api.get(`${here.events}?fieldSelector=${about}`)).body;
    expect(new Set(items.map((each: Any) => `${each.involvedObject.name} ${each.reason} ${each.type}`))).toEqual(
      new Set(["huge FailedScheduling Warning"]),
    );
  });

  test("one that cannot be read is refused", async () => {
    expect((await api.get(`${here.configMaps}?labelSelector=a+b`)).body).toMatchObject({ code: 400, reason: "BadRequest" });
    const unknown = (place: string) => api.get(`${place}?fieldSelector=spec.x=1`);
    expect((await unknown(here.pods)).body).toMatchObject({
      code: 400,
      reason: "BadRequest",
      message: "field label not supported: spec.x",
    });
    expect((await unknown(here.configMaps)).body).toMatchObject({
      code: 400,
      message: '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    });
  });
});

describe("discovery", () => {
  test("tells version, health and groups", async () => {
    expect((await api.get("/version")).body).toMatchObject({ major: "1", gitVersion: expect.stringMatching(/^v1\./) });
    expect((await api.get("/readyz")).text).toBe("ok");
    expect((await api.get("/apis")).body.groups.map((group: Any) => group.name)).toEqual(expect.arrayContaining(["apps", "autoscaling"]));
  });

  test("tells the resources of a group", async () => {
    const { resources } = (await api.get("/apis/apps/v1")).body;
    expect(resources.map((each: Any) => each.name)).toEqual(expect.arrayContaining(["deployments", "deployments/status", "replicasets"]));
  });

  test("what nobody knows is not found", async () => {
    expect((await api.get("/apis/example.com/v1/widgets")).status).toBe(404);
    expect((await api.get(`${here.self}/widgets`)).status).toBe(404);
  });
});
