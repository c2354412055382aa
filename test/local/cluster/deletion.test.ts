import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { deployment, deployments, namespaced, pod, pods, replicaSets } from "./support/objects.ts";

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

describe("delete", () => {
  test("answers with what is gone; gone is not found", async () => {
    const { body } = await it.api.create(configMaps, configMap("gone"));
    const answer = await it.api.delete(`${configMaps}/gone`);
    expect(answer.body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: "gone", kind: "configmaps", uid: body.metadata.uid },
    });
    expect((await it.api.delete(`${configMaps}/gone`)).body).toMatchObject({
      code: 404,
      reason: "NotFound",
      message: 'configmaps "gone" not found',
    });
  });

  test("preconditions protect another object of the same name", async () => {
    const { body } = await it.api.create(configMaps, configMap("guarded"));
    const uid = "11111111-1111-1111-1111-111111111111";
    expect((await it.api.delete(`${configMaps}/guarded`, { preconditions: { uid } })).body).toMatchObject({
      code: 409,
      reason: "Conflict",
      message:
        `Operation cannot be fulfilled on ConfigMap "guarded": the UID in the precondition (${uid}) does not match the UID in record ` +
        `(${body.metadata.uid}). The object might have been deleted and then recreated`,
    });
    expect((await it.api.delete(`${configMaps}/guarded`, { preconditions: { resourceVersion: "1" } })).body.code).toBe(409);
    expect((await it.api.delete(`${configMaps}/guarded`, { preconditions: { uid: body.metadata.uid } })).status).toBe(200);
  });

  test("a finalizer holds the object until it is taken away", async () => {
    await it.api.create(configMaps, configMap("held", { metadata: { finalizers: ["example.com/hold"] } }));
    const marked = await it.api.delete(`${configMaps}/held`);
    expect(marked.body.metadata).toMatchObject({ deletionTimestamp: expect.any(String), finalizers: ["example.com/hold"] });
    expect((await it.api.get(`${configMaps}/held`)).status).toBe(200);
    await it.api.patch(`${configMaps}/held`, { metadata: { finalizers: null } });
    expect((await it.api.get(`${configMaps}/held`)).status).toBe(404);
  });

  test.each(["Background", "Foreground", "Orphan"])("%s decides what becomes of the dependents", async (propagationPolicy) => {
    const name = `owner-${propagationPolicy.toLowerCase()}`;
    await it.api.create(deployments, deployment(name, { image: "example.com/none:1" }));
    await it.api.until(deployments, name, (each) => each.status.replicas === 1);
    const owned = async (path: string) => (await it.api.get(`${path}?labelSelector=app=${name}`)).body.items as Any[];
    expect((await owned(replicaSets))[0].metadata.ownerReferences).toMatchObject([
      { kind: "Deployment", name, controller: true, blockOwnerDeletion: true },
    ]);
    const answer = await it.api.delete(`${deployments}/${name}`, { propagationPolicy });
    if (propagationPolicy === "Foreground") expect(answer.body.metadata.finalizers).toEqual(["foregroundDeletion"]);
    await it.api.untilGone(`${deployments}/${name}`);
    if (propagationPolicy === "Orphan") {
      const [set] = await owned(replicaSets);
      expect(set.metadata.ownerReferences ?? []).toEqual([]);
      expect(await owned(pods)).toHaveLength(1);
    } else {
      await expect.poll(async () => [...(await owned(replicaSets)), ...(await owned(pods))].length, { timeout: 10_000 }).toBe(0);
    }
  });

  test("a namespace takes everything with it and nothing new in", async () => {
    await it.api.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "short-lived" } });
    const inside = "/api/v1/namespaces/short-lived";
    const body = { ...pod("last", {}, { env: [{ name: "IGNORE_TERM", value: "yes" }] }) };
    await expect.poll(async () => (await it.api.create(`${inside}/pods`, body)).status).toBe(201);
    await it.api.create(`${inside}/configmaps`, configMap("inside"));
    await it.api.until(`${inside}/pods`, "last", (each) => each.status.phase === "Running");
    const answer = await it.api.delete(inside);
    expect(answer.body.status).toEqual({ phase: "Terminating" });
    expect((await it.api.create(`${inside}/configmaps`, configMap("late"))).body).toMatchObject({
      code: 403,
      message: 'configmaps "late" is forbidden: unable to create new content in namespace short-lived because it is being terminated',
      details: { causes: [{ reason: "NamespaceTerminating" }] },
    });
    await it.api.delete(`${inside}/pods/last`, { gracePeriodSeconds: 1 });
    await it.api.untilGone(inside);
    expect((await it.api.get(`${inside}/configmaps`)).body.items).toEqual([]);
  });
});
