import { beforeAll, describe, expect, test } from "vitest";
import type { Answer, Any } from "./support/api-client.ts";
import { configMap, idleDeployment, route, secret } from "./support/objects.ts";
import { api, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("change");
});

describe("merge patch", () => {
  test("changes what it names, and null removes", async () => {
    await api.make(here.configMaps, configMap("patched", { data: { a: "1", b: "2" }, metadata: { labels: { x: "y" } } }));
    const { status, body } = await api.patch(`${here.configMaps}/patched`, {
      data: { a: null, c: "3" },
      metadata: { annotations: { n: "m" } },
    });
    expect(status).toBe(200);
    expect(body.data).toEqual({ b: "2", c: "3" });
    expect(body.metadata).toMatchObject({ labels: { x: "y" }, annotations: { n: "m" } });
  });

  test("lists are replaced whole", async () => {
    await api.make(here.deployments, idleDeployment("listed"));
    const containers = [{ name: "other", image: "registry.invalid/other:1" }];
    const { body } = await api.patch(`${here.deployments}/listed`, { spec: { template: { spec: { containers } } } });
    expect(body.spec.template.spec.containers.map((each: { name: string }) => each.name)).toEqual(["other"]);
  });

  test("a strategic merge patch without lists is one, too, of built-in kinds", async () => {
    const strategic = { "Content-Type": "application/strategic-merge-patch+json" };
    const labels = { strategy: "yes", gone: null };
    await api.make(here.deployments, { ...idleDeployment("strategic"), metadata: { name: "strategic", labels: { gone: "soon" } } });
    const { status, body } = await api.call("PATCH", `${here.deployments}/strategic`, { metadata: { labels } }, strategic);
    expect([status, body.metadata.labels]).toEqual([200, { strategy: "yes" }]);
    await api.make(here.routes, route("strategic", []));
    expect((await api.call("PATCH", `${here.routes}/strategic`, { metadata: { labels } }, strategic)).status).toBe(415);
  });

  test("an old resourceVersion is a conflict; without one the last writer wins", async () => {
    const first = await api.make(here.configMaps, configMap("raced"));
    const { resourceVersion } = first.metadata;
    const second = await api.patch(`${here.configMaps}/raced`, { data: { a: "1" }, metadata: { resourceVersion } });
    expect(Number(second.body.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
    const lost = await api.patch(`${here.configMaps}/raced`, { data: { a: "2" }, metadata: { resourceVersion } });
    const message =
      'Operation cannot be fulfilled on configmaps "raced": the object has been modified; please apply your changes to the latest version and try again';
    expect(lost.body).toMatchObject({ code: 409, reason: "Conflict", message, details: { name: "raced", kind: "configmaps" } });
    expect((await api.replace(`${here.configMaps}/raced`, { ...first, data: { a: "3" } })).body).toMatchObject({ code: 409 });
    expect((await api.replace(`${here.configMaps}/raced`, configMap("raced", { data: { a: "4" } }))).body.data).toEqual({ a: "4" });
  });

  test("writing the same changes nothing", async () => {
    const { metadata } = await api.make(here.configMaps, configMap("same", { data: { a: "1" } }));
    const again = await api.patch(`${here.configMaps}/same`, { data: { a: "1" } });
    expect(again.body.metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  test("of what is not there is not found", async () => {
    const { body } = await api.patch(`${here.deployments}/none`, { metadata: { labels: { a: "b" } } });
    expect(body).toMatchObject({ code: 404, reason: "NotFound", message: 'deployments.apps "none" not found' });
  });

  test("another name, or a patch that does not say which kind it is, is refused", async () => {
    await api.make(here.configMaps, configMap("firm"));
    const renamed = await api.patch(`${here.configMaps}/firm`, { metadata: { name: "soft" } });
    expect(renamed.body).toMatchObject({ code: 400, reason: "BadRequest" });
    const odd = await api.call("PATCH", `${here.configMaps}/firm`, "{}", { "Content-Type": "application/json" });
    expect(odd.body).toMatchObject({ code: 415, reason: "UnsupportedMediaType" });
  });
});

describe("generation", () => {
  test("counts changes of the spec, and of a Deployment's annotations, and the controller says which it has seen", async () => {
    await api.make(here.deployments, idleDeployment("counted"));
    const observed = await api.until(
      here.deployments,
      "counted",
      (each) => each.status?.observedGeneration === 1 && each.status.replicas === 1,
    );
    expect(observed.metadata.generation).toBe(1);
    const labelled = await api.patch(`${here.deployments}/counted`, { metadata: { labels: { a: "b" } } });
    expect(labelled.body.metadata.generation).toBe(1);
    const noted = await api.patch(`${here.deployments}/counted`, { metadata: { annotations: { a: "b" } } });
    expect(noted.body.metadata.generation).toBe(2);
    const resized = (await api.patch(`${here.deployments}/counted`, { spec: { replicas: 2 }, status: { replicas: 99 } })).body;
    expect([resized.metadata.generation, resized.status.replicas]).toEqual([3, 1]);
    await api.until(here.deployments, "counted", (each) => each.status.observedGeneration === 3 && each.status.replicas === 2);
  });

  test("status is written apart, and its writer cannot change the spec", async () => {
    await api.make(here.deployments, idleDeployment("apart", { replicas: 0 }));
    await api.until(here.deployments, "apart", (each) => each.status?.observedGeneration === 1);
    const conditions = [{ type: "Example", status: "True", reason: "Tested", message: "" }];
    const { body } = await api.patch(`${here.deployments}/apart/status`, { spec: { replicas: 3 }, status: { conditions } });
    expect([body.spec.replicas, body.metadata.generation]).toEqual([0, 1]);
  });
});

describe("what may not change", () => {
  test("a Deployment's selector", async () => {
    await api.make(here.deployments, idleDeployment("selecting"));
    const changed = { selector: { matchLabels: { more: "x" } }, template: { metadata: { labels: { more: "x" } } } };
    expect((await api.patch(`${here.deployments}/selecting`, { spec: changed })).body).toMatchObject({
      code: 422,
      reason: "Invalid",
      message: expect.stringMatching(/^Deployment\.apps "selecting" is invalid: spec\.selector: Invalid value: .*: field is immutable$/),
    });
  });

  test("an immutable Secret", async () => {
    await api.make(here.secrets, secret("fixed", { immutable: true, data: { a: "Yg==" } }));
    expect((await api.patch(`${here.secrets}/fixed`, { data: { a: "Yw==" } })).body).toMatchObject({
      code: 422,
      message: 'Secret "fixed" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    });
    expect((await api.patch(`${here.secrets}/fixed`, { metadata: { labels: { a: "b" } } })).status).toBe(200);
  });
});

describe("the scale of a Deployment", () => {
  test("is read, and changed by itself", async () => {
    const { metadata } = await api.make(here.deployments, idleDeployment("scaled"));
    const path = `${here.deployments}/scaled/scale`;
    expect((await api.get(path)).body).toMatchObject({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name: "scaled", namespace: here.namespace, uid: metadata.uid },
      spec: { replicas: 1 },
      status: { selector: "app=scaled" },
    });
    expect((await api.patch(path, { spec: { replicas: 3 } })).body).toMatchObject({ kind: "Scale", spec: { replicas: 3 } });
    const scaled = (await api.get(`${here.deployments}/scaled`)).body;
    expect([scaled.spec.replicas, scaled.metadata.generation]).toEqual([3, 2]);
    const put = (read: Any, replicas: number) =>
      api.call("PUT", path, { kind: "Scale", apiVersion: "autoscaling/v1", metadata: read, spec: { replicas } });
    let read: Any;
    let replaced: Answer;
    // Its controllers write to the Deployment as well, after each change.
    do {
      read = (await api.get(path)).body.metadata;
      replaced = await put(read, 2);
    } while (replaced.status === 409);
    expect([replaced.status, replaced.body.spec.replicas]).toEqual([200, 2]);
    expect((await put(read, 4)).body).toMatchObject({ code: 409, reason: "Conflict" });
  });

  test("is no negative number", async () => {
    await api.make(here.deployments, idleDeployment("unscaled"));
    expect((await api.patch(`${here.deployments}/unscaled/scale`, { spec: { replicas: -1 } })).body).toMatchObject({ code: 422 });
  });
});
