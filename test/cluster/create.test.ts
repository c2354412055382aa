import { beforeAll, describe, expect, test } from "vitest";
import { configMap, deployment, idleDeployment, pod, secret, service } from "./support/objects.ts";
import { api, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("create");
});

describe("create", () => {
  test("gives what the server decides", async () => {
    const created = await api.create(here.configMaps, configMap("one", { data: { a: "1" } }));
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } });
    const { managedFields: _, ...metadata } = created.body.metadata;
    expect(metadata).toEqual({
      name: "one",
      namespace: here.namespace,
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^\d+$/),
      creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  test("refuses a second object of a name", async () => {
    await api.make(here.configMaps, configMap("twice"));
    expect((await api.create(here.configMaps, configMap("twice"))).body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      code: 409,
      reason: "AlreadyExists",
      message: 'configmaps "twice" already exists',
      details: { name: "twice", kind: "configmaps" },
    });
    await api.make(here.deployments, idleDeployment("twice"));
    expect((await api.create(here.deployments, idleDeployment("twice"))).body).toMatchObject({
      message: 'deployments.apps "twice" already exists',
      details: { name: "twice", group: "apps", kind: "deployments" },
    });
  });

  test("refuses a second namespace of a name", async () => {
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: here.namespace } };
    expect((await api.create("/api/v1/namespaces", body)).body).toMatchObject({ code: 409, reason: "AlreadyExists" });
  });

  test("completes a generated name, and cuts a long one so that it stays a name", async () => {
    const generated = async (generateName: string) =>
      (await api.make(here.configMaps, { ...configMap(""), metadata: { generateName } })).metadata.name;
    expect(await generated("made-")).toMatch(/^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(await generated("x".repeat(70))).toMatch(/^x{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test("a name wins over a generated one", async () => {
    const body = { ...configMap(""), metadata: { name: "given", generateName: "made-" } };
    expect((await api.make(here.configMaps, body)).metadata).toMatchObject({ name: "given", generateName: "made-" });
  });

  test.each([
    ["another kind", { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } }],
    ["another namespace", { ...configMap("a"), metadata: { name: "a", namespace: "elsewhere" } }],
  ])("refuses %s than the path says", async (_what, body) => {
    expect((await api.create(here.configMaps, body)).body).toMatchObject({ code: 400, reason: "BadRequest" });
  });

  test("needs a body that is JSON", async () => {
    expect((await api.call("POST", here.configMaps, "{")).body).toMatchObject({ code: 400, reason: "BadRequest" });
  });

  test("needs its namespace", async () => {
    const answer = await api.create("/api/v1/namespaces/nowhere/configmaps", configMap("a"));
    expect(answer.body).toMatchObject({ code: 404, reason: "NotFound", message: 'namespaces "nowhere" not found' });
  });

  test("a dry run is judged and forgotten", async () => {
    expect((await api.create(`${here.configMaps}?dryRun=All`, configMap("dry"))).status).toBe(201);
    expect((await api.create(`${here.configMaps}?dryRun=All`, configMap("Dry"))).status).toBe(422);
    expect((await api.get(`${here.configMaps}/dry`)).status).toBe(404);
  });
});

describe("what clients see filled in", () => {
  test("of a Deployment", async () => {
    const resources = { limits: { cpu: "1" } };
    const { spec } = await api.make(`${here.deployments}?dryRun=All`, deployment("plain", { resources }, { replicas: undefined }));
    expect(spec).toMatchObject({
      replicas: 1,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
    });
    expect(spec.template.spec).toMatchObject({ restartPolicy: "Always", dnsPolicy: "ClusterFirst", schedulerName: "default-scheduler" });
    expect(spec.template.spec.containers[0]).toMatchObject({
      imagePullPolicy: "IfNotPresent",
      terminationMessagePath: "/dev/termination-log",
      terminationMessagePolicy: "File",
      ports: [{ protocol: "TCP" }],
      readinessProbe: { timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3, httpGet: { scheme: "HTTP" } },
    });
  });

  test("of a pod: a limit is also the request", async () => {
    const resources = { limits: { cpu: "100m", memory: "64Mi" } };
    const { spec, status } = await api.make(`${here.pods}?dryRun=All`, pod("limited", {}, { resources }));
    expect(spec.containers[0].resources).toEqual({ ...resources, requests: resources.limits });
    expect(status).toMatchObject({ phase: "Pending", qosClass: "Guaranteed" });
    expect(spec).toMatchObject({ serviceAccountName: "default", preemptionPolicy: "PreemptLowerPriority", priority: 0 });
    expect(spec.tolerations).toEqual([
      { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
      { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
    ]);
  });

  test("an image without tag, or of tag latest, is always pulled", async () => {
    for (const image of ["a", "a:latest"]) {
      const { spec } = await api.make(`${here.pods}?dryRun=All`, pod("latest", {}, { image }));
      expect(spec.containers[0].imagePullPolicy).toBe("Always");
    }
  });

  test("of a Service", async () => {
    const { spec } = await api.make(here.services, service("plain"));
    expect(spec).toMatchObject({ type: "ClusterIP", sessionAffinity: "None", internalTrafficPolicy: "Cluster" });
    expect(spec.clusterIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(spec.ports).toEqual([{ name: "http", port: 80, protocol: "TCP", targetPort: "http" }]);
  });

  test("of a headless Service: no address", async () => {
    const { spec } = await api.make(here.services, service("headless", { clusterIP: "None" }));
    expect(spec).toMatchObject({ type: "ClusterIP", clusterIP: "None", clusterIPs: ["None"] });
    expect(spec.ports).toEqual([{ name: "http", port: 80, protocol: "TCP", targetPort: "http" }]);
  });

  test("of a Secret: plain values are encoded", async () => {
    const stored = await api.make(here.secrets, secret("plain", { stringData: { a: "b" } }));
    expect(stored).toMatchObject({ type: "Opaque", data: { a: "Yg==" } });
    expect(stored).not.toHaveProperty("stringData");
  });

  test("of a Namespace: its own name as a label", async () => {
    const { metadata, spec, status } = (await api.get(here.self)).body;
    expect(metadata.labels["kubernetes.io/metadata.name"]).toBe(here.namespace);
    expect([spec.finalizers, status.phase]).toEqual([["kubernetes"], "Active"]);
  });
});

describe("names", () => {
  const long = (length: number) => "a".repeat(length);

  test.each([
    { place: "configMaps", make: configMap, most: 253 },
    { place: "services", make: service, most: 63 },
    { place: "deployments", make: (name: string) => ({ ...idleDeployment("short"), metadata: { name } }), most: 253 },
  ] as const)("in $place may have $most characters", async ({ place, make, most }) => {
    expect((await api.create(`${here[place]}?dryRun=All`, make(long(most)))).status).toBe(201);
    const refused = await api.create(`${here[place]}?dryRun=All`, make(long(most + 1)));
    expect(refused.body).toMatchObject({ code: 422, reason: "Invalid" });
    expect(refused.body.details.causes).toContainEqual(expect.objectContaining({ field: "metadata.name" }));
  });

  test("a label's value has at most 63 characters", async () => {
    const labelled = (value: string) => api.create(`${here.configMaps}?dryRun=All`, configMap("l", { metadata: { labels: { a: value } } }));
    expect((await labelled(long(63))).status).toBe(201);
    expect((await labelled(long(64))).body).toMatchObject({
      code: 422,
      message: `ConfigMap "l" is invalid: metadata.labels: Invalid value: "${long(64)}": must be no more than 63 bytes`,
    });
  });

  test("a namespace is a label", async () => {
    const create = (name: string) =>
      api.create("/api/v1/namespaces?dryRun=All", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    expect((await create(long(63))).status).toBe(201);
    expect((await create(long(64))).status).toBe(422);
    expect((await create("a.b")).status).toBe(422);
  });
});

describe("what is wrong is said field by field", () => {
  const label = "a valid label must be an empty string or consist of alphanumeric characters";
  test.each([
    [
      "a name with capitals",
      "configMaps",
      configMap("Big"),
      "ConfigMap \"Big\" is invalid: metadata.name: Invalid value: \"Big\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    ],
    [
      "a Service that begins with a digit",
      "services",
      service("1st"),
      'Service "1st" is invalid: metadata.name: Invalid value: "1st": a DNS-1035 label must consist of',
    ],
    [
      "a label that is none",
      "configMaps",
      configMap("l", { metadata: { labels: { a: "b c" } } }),
      `metadata.labels: Invalid value: "b c": ${label}`,
    ],
    ["no containers", "pods", pod("p", { containers: [] }), 'Pod "p" is invalid: spec.containers: Required value'],
    ["no image", "pods", pod("p", {}, { image: undefined }), 'Pod "p" is invalid: spec.containers[0].image: Required value'],
    [
      "a selector for other pods",
      "deployments",
      deployment("d", {}, { selector: { matchLabels: { app: "e" } } }),
      'Deployment.apps "d" is invalid: spec.template.metadata.labels: Invalid value: {"app":"d"}: `selector` does not match template `labels`',
    ],
    ["no selector", "deployments", deployment("d", {}, { selector: undefined }), "spec.selector: Required value"],
    [
      "replicas below zero",
      "deployments",
      deployment("d", {}, { replicas: -1 }),
      "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "more requested than allowed",
      "pods",
      pod("p", {}, { resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }),
      'Pod "p" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      "a mount of no volume",
      "pods",
      pod("p", {}, { volumeMounts: [{ name: "v", mountPath: "/v" }] }),
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      "two containers of a name",
      "pods",
      pod("p", {
        containers: [
          { name: "a", image: "a" },
          { name: "a", image: "a" },
        ],
      }),
      'spec.containers[1].name: Duplicate value: "a"',
    ],
    [
      "a port out of range",
      "services",
      service("s", { ports: [{ port: 0 }] }),
      "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
    ],
    ["a Secret that is not base64", "secrets", secret("s", { data: { a: "!" } }), "illegal base64 data at input byte 0"],
  ] as const)("%s", async (_what, place, body, message) => {
    const { body: refused } = await api.create(here[place], body);
    expect(refused).toMatchObject({ kind: "Status", status: "Failure", message: expect.stringContaining(message) });
    if (refused.code === 400) expect(refused.reason).toBe("BadRequest");
    else {
      expect([refused.code, refused.reason]).toEqual([422, "Invalid"]);
      expect(refused.details.causes[0]).toEqual({ reason: expect.any(String), message: expect.any(String), field: expect.any(String) });
    }
  });
});
