import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { deployment, deployments, namespaced, pod, pods, routes, secrets, service, services } from "./support/objects.ts";

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
