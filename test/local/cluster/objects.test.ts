import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { deployment, deployments, namespaced, pod, pods, replicaSets, routes, secrets, service, services } from "./support/objects.ts";

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

describe("create", () => {
  test("gives what the server decides, and refuses a second one", async () => {
    const created = await it.api.create(configMaps, configMap("one", { data: { a: "1" } }));
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } });
    expect(created.body.metadata).toEqual({
      name: "one",
      namespace: "test",
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^\d+$/),
      creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect((await it.api.create(configMaps, configMap("one"))).body).toMatchObject({
      code: 409,
      reason: "AlreadyExists",
      message: 'configmaps "one" already exists',
      details: { name: "one", kind: "configmaps" },
    });
    expect((await it.api.create(deployments, deployment("twice"))).status).toBe(201);
    expect((await it.api.create(deployments, deployment("twice"))).body.message).toBe('deployments.apps "twice" already exists');
  });

  test("completes a generated name", async () => {
    const { body } = await it.api.create(configMaps, { ...configMap(""), metadata: { generateName: "made-" } });
    expect(body.metadata.name).toMatch(/^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test("fills in what clients see filled in", async () => {
    const { body } = await it.api.create(
      deployments,
      deployment("plain", { resources: { limits: { cpu: "1" } } }, { replicas: undefined }),
    );
    expect(body.spec).toMatchObject({
      replicas: 1,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
    });
    expect(body.spec.template.spec).toMatchObject({
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
    });
    expect(body.spec.template.spec.containers[0]).toMatchObject({
      imagePullPolicy: "IfNotPresent",
      terminationMessagePolicy: "File",
      resources: { requests: { cpu: "1" }, limits: { cpu: "1" } },
      ports: [{ protocol: "TCP" }],
      readinessProbe: { timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 },
    });
    const created = await it.api.create(services, service("plain"));
    expect(created.body.spec).toMatchObject({ type: "ClusterIP", sessionAffinity: "None", clusterIP: expect.stringMatching(/^10\.96\./) });
    const stored = await it.api.create(secrets, { apiVersion: "v1", kind: "Secret", metadata: { name: "plain" }, stringData: { a: "b" } });
    expect(stored.body).toMatchObject({ type: "Opaque", data: { a: "Yg==" } });
  });

  test.each([
    [
      "a name with capitals",
      configMaps,
      configMap("Big"),
      'ConfigMap "Big" is invalid: metadata.name: Invalid value: "Big": a lowercase RFC 1123 subdomain',
    ],
    [
      "a Service that begins with a digit",
      services,
      service("1st"),
      'Service "1st" is invalid: metadata.name: Invalid value: "1st": a DNS-1035 label',
    ],
    [
      "a label that is none",
      configMaps,
      configMap("l", { metadata: { labels: { a: "b c" } } }),
      'metadata.labels: Invalid value: "b c": a valid label must',
    ],
    ["no containers", pods, pod("p", { containers: [] }), 'Pod "p" is invalid: spec.containers: Required value'],
    ["no image", pods, pod("p", {}, { image: undefined }), 'Pod "p" is invalid: spec.containers[0].image: Required value'],
    [
      "a selector for other pods",
      deployments,
      deployment("d", {}, { selector: { matchLabels: { app: "e" } } }),
      'Deployment.apps "d" is invalid: spec.template.metadata.labels: Invalid value: {"app":"d"}: `selector` does not match template `labels`',
    ],
    [
      "more requested than allowed",
      pods,
      pod("p", {}, { resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }),
      'Pod "p" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      "a mount of no volume",
      pods,
      pod("p", {}, { volumeMounts: [{ name: "v", mountPath: "/v" }] }),
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      "a volume that this cluster has not",
      pods,
      pod("p", { volumes: [{ name: "v", hostPath: { path: "/" } }] }),
      "spec.volumes[0].hostPath: Forbidden: the local cluster has no volumes of type hostPath",
    ],
    [
      "a weight below zero",
      routes,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: { name: "r" },
        spec: { rules: [{ backendRefs: [{ name: "s", port: 80, weight: -1 }] }] },
      },
      "spec.rules[0].backendRefs[0].weight in body should be greater than or equal to 0",
    ],
  ])("refuses %s", async (_what, path, body, message) => {
    const answer = await it.api.create(path, body);
    expect(answer.body).toMatchObject({ code: 422, reason: "Invalid", message: expect.stringContaining(message) });
    expect(answer.body.details.causes.length).toBeGreaterThan(0);
  });

  test("needs its namespace", async () => {
    const answer = await it.api.create("/api/v1/namespaces/nowhere/configmaps", configMap("a"));
    expect(answer.body).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' });
  });
});

describe("update", () => {
  test("a merge patch changes what it names, and null removes", async () => {
    await it.api.create(configMaps, configMap("patched", { data: { a: "1", b: "2" }, metadata: { labels: { x: "y" } } }));
    const { body } = await it.api.patch(`${configMaps}/patched`, { data: { a: null, c: "3" }, metadata: { annotations: { n: "m" } } });
    expect(body.data).toEqual({ b: "2", c: "3" });
    expect(body.metadata).toMatchObject({ labels: { x: "y" }, annotations: { n: "m" } });
  });

  test("an old resourceVersion is a conflict; without one the last writer wins", async () => {
    const { body: first } = await it.api.create(configMaps, configMap("raced"));
    const { body: second } = await it.api.patch(`${configMaps}/raced`, {
      data: { a: "1" },
      metadata: { resourceVersion: first.metadata.resourceVersion },
    });
    expect(Number(second.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    const lost = await it.api.patch(`${configMaps}/raced`, {
      data: { a: "2" },
      metadata: { resourceVersion: first.metadata.resourceVersion },
    });
    const message =
      'Operation cannot be fulfilled on configmaps "raced": the object has been modified; please apply your changes to the latest version and try again';
    expect(lost.body).toMatchObject({ code: 409, reason: "Conflict", message });
    expect((await it.api.replace(`${configMaps}/raced`, { ...first, data: { a: "3" } })).body).toMatchObject({
      code: 409,
      reason: "Conflict",
    });
    expect((await it.api.replace(`${configMaps}/raced`, configMap("raced", { data: { a: "4" } }))).body.data).toEqual({ a: "4" });
  });

  test("writing the same changes nothing", async () => {
    const { body } = await it.api.create(configMaps, configMap("same", { data: { a: "1" } }));
    const again = await it.api.patch(`${configMaps}/same`, { data: { a: "1" } });
    expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
  });

  test("generation counts changes of the spec alone; status is written apart", async () => {
    const changes = { image: "example.com/none:1" };
    await it.api.create(deployments, deployment("counted", changes));
    const observed = await it.api.until(deployments, "counted", (each) => each.status.observedGeneration === 1);
    expect(observed.metadata.generation).toBe(1);
    expect((await it.api.patch(`${deployments}/counted`, { metadata: { annotations: { a: "b" } } })).body.metadata.generation).toBe(1);
    const resized = (await it.api.patch(`${deployments}/counted`, { spec: { replicas: 2 }, status: { replicas: 99 } })).body;
    expect([resized.metadata.generation, resized.status.replicas]).toEqual([2, 1]);
    await it.api.until(deployments, "counted", (each) => each.status.observedGeneration === 2);
  });

  test("what may not change is refused", async () => {
    const labels = { matchLabels: { app: "counted", more: "x" } };
    const answer = await it.api.patch(`${deployments}/counted`, {
      spec: { selector: labels, template: { metadata: { labels: { more: "x" } } } },
    });
    expect(answer.body).toMatchObject({
      code: 422,
      message: expect.stringMatching(/^Deployment\.apps "counted" is invalid: spec\.selector: Invalid value: .*: field is immutable$/),
    });
    await it.api.create(secrets, { apiVersion: "v1", kind: "Secret", metadata: { name: "fixed" }, immutable: true, data: { a: "Yg==" } });
    expect((await it.api.patch(`${secrets}/fixed`, { data: { a: "Yw==" } })).body).toMatchObject({
      code: 422,
      message: 'Secret "fixed" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    });
    expect((await it.api.patch(`${secrets}/fixed`, { metadata: { labels: { a: "b" } } })).status).toBe(200);
  });

  test("of what this cluster cannot do it says so", async () => {
    expect((await it.api.call("PATCH", `${configMaps}/same`, "[]", { "Content-Type": "application/json-patch+json" })).body).toMatchObject({
      code: 415,
      reason: "UnsupportedMediaType",
      message: expect.stringContaining("application/merge-patch+json"),
    });
    expect((await it.api.get("/apis/batch/v1/jobs")).body).toMatchObject({ code: 404, message: expect.stringContaining("batch/v1 jobs") });
    expect((await it.api.get(`${pods}/x/exec`)).body).toMatchObject({ code: 404, message: expect.stringContaining("pods/exec") });
    expect((await it.api.delete(configMaps)).body).toMatchObject({ code: 404, message: expect.stringContaining("deletecollection") });
  });
});

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
