import { beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { condition, configMap, container, containerState, idleDeployment, isReady, pod, quota, service } from "./support/objects.ts";
import { api, proxied, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("delete");
});

describe("an object", () => {
  test("is answered with what is gone; gone is not found", async () => {
    const { metadata } = await api.make(here.configMaps, configMap("gone"));
    expect((await api.delete(`${here.configMaps}/gone`)).body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: "gone", kind: "configmaps", uid: metadata.uid },
    });
    const again = await api.delete(`${here.configMaps}/gone`);
    expect(again.body).toMatchObject({ code: 404, reason: "NotFound", message: 'configmaps "gone" not found' });
  });

  test("of some kinds is answered as it was", async () => {
    const { metadata } = await api.make(here.services, service("answered"));
    const { body } = await api.delete(`${here.services}/answered`);
    expect(body).toMatchObject({ kind: "Service", metadata: { uid: metadata.uid }, spec: { ports: [{ port: 80 }] } });
    await api.make(here.quotas, quota("answered", { pods: "10" }));
    expect((await api.delete(`${here.quotas}/answered`)).body).toMatchObject({ kind: "ResourceQuota", spec: { hard: { pods: "10" } } });
  });

  test("of another uid than meant stays: 409", async () => {
    const { metadata } = await api.make(here.configMaps, configMap("guarded"));
    const uid = "11111111-1111-1111-1111-111111111111";
    expect((await api.delete(`${here.configMaps}/guarded`, { preconditions: { uid } })).body).toMatchObject({
      code: 409,
      reason: "Conflict",
      message:
        `Operation cannot be fulfilled on ConfigMap "guarded": the UID in the precondition (${uid}) does not match the UID in record ` +
        `(${metadata.uid}). The object might have been deleted and then recreated`,
      details: { name: "guarded", kind: "ConfigMap" },
    });
    const stale = await api.delete(`${here.configMaps}/guarded`, { preconditions: { resourceVersion: "1" } });
    expect(stale.body).toMatchObject({ code: 409, reason: "Conflict" });
    expect((await api.delete(`${here.configMaps}/guarded`, { preconditions: { uid: metadata.uid } })).status).toBe(200);
  });

  test("of the product's way to delete: uid precondition and background propagation", async () => {
    const { metadata } = await api.make(here.deployments, idleDeployment("meant"));
    const options = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Background", preconditions: { uid: metadata.uid } };
    const { body } = await api.delete(`${here.deployments}/meant`, options);
    expect(body).toMatchObject({ status: "Success", details: { name: "meant", group: "apps", kind: "deployments", uid: metadata.uid } });
  });

  test("is held by a finalizer until that is taken away", async () => {
    await api.make(here.configMaps, configMap("held", { metadata: { finalizers: ["example.com/hold"] } }));
    const marked = await api.delete(`${here.configMaps}/held`);
    expect(marked.body.metadata).toMatchObject({ deletionTimestamp: expect.any(String), finalizers: ["example.com/hold"] });
    expect((await api.get(`${here.configMaps}/held`)).status).toBe(200);
    await api.patch(`${here.configMaps}/held`, { metadata: { finalizers: null } });
    expect((await api.get(`${here.configMaps}/held`)).status).toBe(404);
  });
});

describe("dependents", () => {
  const owned = async (path: string, name: string) => (await api.get(`${path}?labelSelector=app=${name}`)).body.items as Any[];

  test.each(["Background", "Foreground", "Orphan"])("%s decides what becomes of them", async (propagationPolicy) => {
    const name = propagationPolicy.toLowerCase();
    await api.make(here.deployments, idleDeployment(name));
    await api.until(here.deployments, name, (each) => each.status?.replicas === 1);
    const [set] = await owned(here.replicaSets, name);
    expect(set.metadata.ownerReferences).toMatchObject([{ kind: "Deployment", name, controller: true, blockOwnerDeletion: true }]);
    const answer = await api.delete(`${here.deployments}/${name}`, { propagationPolicy });
    if (propagationPolicy === "Foreground") expect(answer.body.metadata.finalizers).toEqual(["foregroundDeletion"]);
    if (propagationPolicy === "Orphan") expect(answer.body.metadata.finalizers).toEqual(["orphan"]);
    await api.untilGone(`${here.deployments}/${name}`);
    if (propagationPolicy === "Orphan") {
      expect((await owned(here.replicaSets, name))[0].metadata.ownerReferences ?? []).toEqual([]);
      expect(await owned(here.pods, name)).toHaveLength(1);
      return;
    }
    const left = async () => [...(await owned(here.replicaSets, name)), ...(await owned(here.pods, name))].length;
    await expect.poll(left).toBe(0);
  });

  test("what names an owner that is gone goes as well", async () => {
    const owner = await api.make(here.configMaps, configMap("owner"));
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: owner.metadata.uid }];
    await api.make(here.configMaps, configMap("owned", { metadata: { ownerReferences } }));
    await api.delete(`${here.configMaps}/owner`);
    await api.untilGone(`${here.configMaps}/owned`);
  });
});

describe("a pod", () => {
  test("that never ran on a node is gone at once", async () => {
    await api.make(here.pods, pod("homeless", {}, { resources: { requests: { cpu: "1000" } } }));
    await api.until(here.pods, "homeless", (each) => condition(each, "PodScheduled") !== undefined);
    await api.delete(`${here.pods}/homeless`);
    expect((await api.get(`${here.pods}/homeless`)).status).toBe(404);
  });

  test("ends in order: marked, out of the endpoints, preStop, SIGTERM, gone", async () => {
    await api.make(here.services, service("leaving"));
    const lifecycle = { preStop: { sleep: { seconds: 3 } } };
    await api.make(here.pods, pod("leaving", { terminationGracePeriodSeconds: 30 }, { lifecycle }));
    await api.until(here.pods, "leaving", isReady);
    const slices = `${here.slices}?labelSelector=kubernetes.io/service-name=leaving`;
    await api.untilAny(slices, (each) => each.endpoints?.[0]?.conditions.ready === true);
    const { resourceVersion } = (await api.get(here.pods)).body.metadata;
    const answer = await api.delete(`${here.pods}/leaving`);
    expect(answer.body.metadata).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: expect.any(String) });
    const slice = await api.untilAny(slices, (each) => each.endpoints?.[0]?.conditions.terminating === true);
    expect(slice.endpoints[0].conditions).toEqual({ ready: false, serving: true, terminating: true });
    // The preStop hook is still running: the server answers whoever has not heard of it.
    expect(await proxied(here.pods, "leaving", "/")).toMatchObject({ method: "GET" });
    const states: Any[] = [];
    for await (const { type, object } of api.watch(`${here.pods}?resourceVersion=${resourceVersion}&fieldSelector=metadata.name=leaving`)) {
      const { terminated } = containerState(object)?.state ?? {};
      if (terminated) states.push([object.status.phase, terminated.reason, terminated.exitCode]);
      if (type === "DELETED") break;
    }
    expect(states[0]).toEqual(["Succeeded", "Completed", 0]);
  });

  test("that does not listen to SIGTERM is killed when its time is over", async () => {
    await api.make(here.pods, pod("stubborn", {}, { env: [{ name: "IGNORE_TERM", value: "yes" }] }));
    await api.until(here.pods, "stubborn", isReady);
    await api.delete(`${here.pods}/stubborn`, { gracePeriodSeconds: 1 });
    const last = await api.until(here.pods, "stubborn", (each) => each.status.phase === "Failed");
    expect(containerState(last).state.terminated).toMatchObject({ exitCode: 137, reason: "Error" });
    await api.untilGone(`${here.pods}/stubborn`);
  });

  test("asked for again with less time goes sooner", async () => {
    const env = [{ name: "IGNORE_TERM", value: "yes" }];
    await api.make(here.pods, pod("hurried", { terminationGracePeriodSeconds: 3600 }, { env }));
    await api.until(here.pods, "hurried", isReady);
    await api.delete(`${here.pods}/hurried`);
    const sooner = await api.delete(`${here.pods}/hurried`, { gracePeriodSeconds: 1 });
    expect(sooner.body.metadata.deletionGracePeriodSeconds).toBe(1);
    await api.untilGone(`${here.pods}/hurried`);
  });
});

describe("a namespace", () => {
  test("takes everything with it and nothing new in", async () => {
    const inside = await scene("short-lived");
    const env = [{ name: "IGNORE_TERM", value: "yes" }];
    await api.make(inside.pods, pod("last", { terminationGracePeriodSeconds: 20, containers: [container({ env })] }));
    await api.make(inside.configMaps, configMap("inside"));
    await api.until(inside.pods, "last", isReady);
    expect((await api.delete(inside.self)).body.status).toMatchObject({ phase: "Terminating" });
    expect((await api.create(inside.configMaps, configMap("late"))).body).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message: `configmaps "late" is forbidden: unable to create new content in namespace ${inside.namespace} because it is being terminated`,
      details: { causes: [{ reason: "NamespaceTerminating", field: "metadata.namespace" }] },
    });
    await api.until(inside.pods, "last", (each) => each.metadata.deletionTimestamp !== undefined);
    await api.delete(`${inside.pods}/last`, { gracePeriodSeconds: 1 });
    await api.untilGone(inside.self);
    expect((await api.get(inside.configMaps)).body.items).toEqual([]);
  });
});
