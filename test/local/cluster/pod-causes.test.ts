import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import {
  condition,
  container,
  containerState,
  deployment,
  deployments,
  events,
  isReady,
  namespaced,
  pod,
  pods,
  secrets,
} from "./support/objects.ts";

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster({ nodes: [{ name: "small", cpu: 2, memory: "4Gi", gpu: 1 }] });
});
afterAll(() => it.stop());

/** Every distinct thing that `read` saw of a pod, from its creation until `done`. */
async function sequence(created: Any, read: (pod: Any) => string | undefined, done: (pod: Any) => boolean): Promise<string[]> {
  const { resourceVersion } = (await it.api.get(pods)).body.metadata;
  await it.api.create(pods, created);
  const seen: string[] = [];
  for await (const { object } of it.api.watch(
    `${pods}?resourceVersion=${resourceVersion}&fieldSelector=metadata.name=${created.metadata.name}`,
  )) {
    const value = read(object);
    if (value !== undefined && seen.at(-1) !== value) seen.push(value);
    if (done(object)) break;
  }
  return seen;
}

const waiting = (object: Any) => containerState(object)?.state.waiting?.reason;
const stateWord = (object: Any) => {
  const state = containerState(object)?.state;
  return state?.waiting?.reason ?? state?.terminated?.reason ?? (state?.running ? "running" : undefined);
};
const eventOf = (name: string, reason: string, text = "") =>
  it.api.untilAny(events, (event) => event.involvedObject.name === name && event.reason === reason && event.message.includes(text));

describe("image", () => {
  test("an unknown image cannot be pulled, then is backed off from", async () => {
    const seen = await sequence(
      pod("absent", {}, { image: "example.com/absent:1" }),
      waiting,
      (object) => waiting(object) === "ImagePullBackOff",
    );
    expect(seen).toEqual(["ContainerCreating", "ErrImagePull", "ImagePullBackOff"]);
    const object = (await it.api.get(`${pods}/absent`)).body;
    expect(object.status.phase).toBe("Pending");
    const event = await eventOf("absent", "BackOff");
    expect(event).toMatchObject({
      type: "Normal",
      message: 'Back-off pulling image "example.com/absent:1"',
      source: { component: "kubelet" },
    });
    expect(event.involvedObject).toMatchObject({ kind: "Pod", fieldPath: "spec.containers{server}" });
    expect(await eventOf("absent", "Failed", "Failed to pull image")).toMatchObject({ type: "Warning" });
  });

  test("a missing image that must not be pulled is final", async () => {
    await it.api.create(pods, pod("never", {}, { image: "example.com/absent:1", imagePullPolicy: "Never" }));
    const object = await it.api.until(pods, "never", (each) => waiting(each) === "ErrImageNeverPull");
    expect(containerState(object).state.waiting.message).toBe(
      'Container image "example.com/absent:1" is not present with pull policy of Never',
    );
  });

  test("a name that is none is final", async () => {
    await it.api.create(pods, pod("misnamed", {}, { image: "Not An Image" }));
    const object = await it.api.until(pods, "misnamed", (each) => waiting(each) === "InvalidImageName");
    expect(containerState(object).state.waiting.message).toContain("invalid reference format");
  });

  test("a running container tells the digest, and the digest names the image", async () => {
    await it.api.create(pods, pod("digest"));
    const object = await it.api.until(pods, "digest", isReady);
    const { image, imageID } = containerState(object);
    expect([image, imageID]).toEqual(["docker.io/test/server:1", expect.stringMatching(/^docker\.io\/test\/server@sha256:[0-9a-f]{64}$/)]);
    await it.api.create(pods, pod("by-digest", {}, { image: imageID.replace("docker.io/", "") }));
    await it.api.until(pods, "by-digest", isReady);
  });
});

describe("configuration", () => {
  test("a missing Secret holds the container until it is there", async () => {
    const env = [{ name: "TAG", valueFrom: { secretKeyRef: { name: "later", key: "tag" } } }];
    await it.api.create(pods, pod("needy", {}, { env }));
    const object = await it.api.until(pods, "needy", (each) => waiting(each) === "CreateContainerConfigError");
    expect(containerState(object).state.waiting.message).toBe('secret "later" not found');
    expect(await eventOf("needy", "Failed")).toMatchObject({ message: 'Error: secret "later" not found' });
    await it.api.create(secrets, { apiVersion: "v1", kind: "Secret", metadata: { name: "later" }, stringData: { tag: "now" } });
    await it.api.until(pods, "needy", isReady);
  });

  test("a missing key of a ConfigMap is named", async () => {
    await it.api.create(`${namespaced}/configmaps`, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "half" }, data: {} });
    const env = [{ name: "TAG", valueFrom: { configMapKeyRef: { name: "half", key: "tag" } } }];
    await it.api.create(pods, pod("keyless", {}, { env }));
    const object = await it.api.until(pods, "keyless", (each) => waiting(each) === "CreateContainerConfigError");
    expect(containerState(object).state.waiting.message).toBe("couldn't find key tag in ConfigMap test/half");
  });

  test("a command that is not there is a start error with exit code 128", async () => {
    await it.api.create(pods, pod("commandless", {}, { command: ["/no/such"] }));
    const object = await it.api.until(pods, "commandless", (each) => waiting(each) === "RunContainerError");
    expect(containerState(object).state.waiting.message).toMatch(/exec: "\/no\/such": stat \/no\/such: no such file or directory$/);
    expect(containerState(object).lastState.terminated).toMatchObject({ exitCode: 128, reason: "StartError" });
  });

  test("a volume of a missing Secret cannot be mounted", async () => {
    await it.api.create(pods, pod("unmounted", { volumes: [{ name: "keys", secret: { secretName: "keys" } }] }));
    const event = await eventOf("unmounted", "FailedMount");
    expect(event.message).toBe('MountVolume.SetUp failed for volume "keys" : secret "keys" not found');
    expect(waiting((await it.api.get(`${pods}/unmounted`)).body)).toBe("ContainerCreating");
  });
});

describe("crash", () => {
  test("terminated, restarted at once, then backed off from with what the log said last", async () => {
    const changes = { args: ["crash", "3"], readinessProbe: undefined, terminationMessagePolicy: "FallbackToLogsOnError" };
    const seen = await sequence(pod("crashing", {}, changes), stateWord, (object) => waiting(object) === "CrashLoopBackOff");
    expect(seen.slice(0, 4)).toEqual(["ContainerCreating", "running", "Error", "running"]);
    expect(seen.at(-2)).toBe("Error");
    const object = await it.api.until(pods, "crashing", (each) => waiting(each) === "CrashLoopBackOff");
    const state = containerState(object);
    expect(state.state.waiting.message).toMatch(/^back-off \d+s restarting failed container=server pod=crashing_test\(/);
    expect(state.lastState.terminated).toMatchObject({ exitCode: 3, reason: "Error", message: "starting\nboom: 3\n" });
    expect(state.restartCount).toBeGreaterThanOrEqual(2);
    expect(object.status.phase).toBe("Running");
    expect(await eventOf("crashing", "BackOff")).toMatchObject({ type: "Warning" });
    const previous = await it.api.get(`${pods}/crashing/log?previous=true`);
    expect(previous.text).toBe("starting\nboom: 3\n");
  });

  test("more memory than the limit is OOMKilled with 137", async () => {
    const resources = { limits: { memory: "256Mi" } };
    await it.api.create(pods, pod("greedy", { restartPolicy: "Never" }, { args: ["eat"], resources, readinessProbe: undefined }));
    const object = await it.api.until(pods, "greedy", (each) => each.status.phase === "Failed");
    expect(containerState(object).state.terminated).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
  });

  test("a failed init container keeps the pod from being initialized", async () => {
    const initContainers = [container({ name: "storage-initializer", args: ["crash", "7"], ports: [], readinessProbe: undefined })];
    await it.api.create(pods, pod("uninitialized", { initContainers }));
    const object = await it.api.until(
      pods,
      "uninitialized",
      (each) => (containerState(each, "storage-initializer")?.restartCount ?? 0) >= 1,
    );
    expect(condition(object, "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [storage-initializer]",
    });
    expect(waiting(object)).toBe("PodInitializing");
    expect(object.status.phase).toBe("Pending");
    const { state, lastState } = containerState(object, "storage-initializer");
    expect((state.terminated ?? lastState.terminated).exitCode).toBe(7);
  });

  test("a container that ends well is Completed and its pod Succeeded", async () => {
    await it.api.create(pods, pod("short", { restartPolicy: "Never" }, { args: ["ok"], readinessProbe: undefined }));
    const object = await it.api.until(pods, "short", (each) => each.status.phase === "Succeeded");
    expect(containerState(object).state.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
    expect(condition(object, "Ready")).toMatchObject({ status: "False", reason: "PodCompleted" });
  });
});

describe("probes", () => {
  test("a pod that is not ready runs all the same, with the probe's answer in an event", async () => {
    await it.api.create(pods, pod("unready", {}, { env: [{ name: "READY", value: "no" }] }));
    const event = await eventOf("unready", "Unhealthy", "statuscode");
    expect(event).toMatchObject({ type: "Warning", message: "Readiness probe failed: HTTP probe failed with statuscode: 503" });
    const object = (await it.api.get(`${pods}/unready`)).body;
    expect(object.status.phase).toBe("Running");
    expect(condition(object, "ContainersReady")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [server]",
    });
    expect(containerState(object)).toMatchObject({ ready: false, started: true });
    await it.api.get(`${pods}/unready:8080/proxy/set?ready=yes`);
    await it.api.until(pods, "unready", isReady);
    await it.api.get(`${pods}/unready:8080/proxy/set?ready=no`);
    await it.api.until(pods, "unready", (each) => condition(each, "Ready")?.status === "False");
  });

  test("nobody on the probe's port is a refused connection", async () => {
    await it.api.create(pods, pod("deaf", {}, { readinessProbe: { httpGet: { path: "/", port: 9 }, periodSeconds: 1 } }));
    const event = await eventOf("deaf", "Unhealthy");
    expect(event.message).toMatch(
      /^Readiness probe failed: Get "http:\/\/10\.[\d.]+:9\/": dial tcp 10\.[\d.]+:9: connect: connection refused$/,
    );
  });

  test("a container that is not alive is ended and started again", async () => {
    const livenessProbe = { httpGet: { path: "/live", port: "http" }, periodSeconds: 1, failureThreshold: 1 };
    await it.api.create(pods, pod("dying", {}, { livenessProbe, startupProbe: { ...livenessProbe, failureThreshold: 30 } }));
    await it.api.until(pods, "dying", isReady);
    await it.api.get(`${pods}/dying:8080/proxy/set?live=no`);
    const object = await it.api.until(pods, "dying", (each) => containerState(each).restartCount === 1 && isReady(each));
    expect(containerState(object).lastState.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
    expect(await eventOf("dying", "Killing")).toMatchObject({ message: "Container server failed liveness probe, will be restarted" });
  });

  test("commands and open sockets can be probed", async () => {
    const probes = { readinessProbe: { exec: { command: ["/bin/sh", "-c", "echo not so fast; exit 1"] }, periodSeconds: 1 } };
    await it.api.create(pods, pod("by-command", {}, probes));
    await eventOf("by-command", "Unhealthy", "Readiness probe failed: not so fast");
    await it.api.create(pods, pod("by-socket", {}, { readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } }));
    await it.api.until(pods, "by-socket", isReady);
  });

  test("a readiness gate that nobody has opened", async () => {
    await it.api.create(pods, pod("gated", { readinessGates: [{ conditionType: "example.com/open" }] }));
    const object = await it.api.until(pods, "gated", (each) => condition(each, "ContainersReady")?.status === "True");
    expect(condition(object, "Ready")).toMatchObject({ status: "False", reason: "ReadinessGatesNotReady" });
    const conditions = [...object.status.conditions, { type: "example.com/open", status: "True" }];
    await it.api.patch(`${pods}/gated/status`, { status: { conditions } });
    await it.api.until(pods, "gated", isReady);
  });
});

describe("scheduling", () => {
  const huge = (name: string, requests: object) => pod(name, {}, { resources: { requests } });

  test("what no node can hold is unschedulable, and says why", async () => {
    await it.api.create(pods, huge("too-big", { cpu: "100" }));
    const object = await it.api.until(pods, "too-big", (each) => condition(each, "PodScheduled") !== undefined);
    const message =
      "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
    expect(condition(object, "PodScheduled")).toMatchObject({ status: "False", reason: "Unschedulable", message });
    expect(await eventOf("too-big", "FailedScheduling")).toMatchObject({
      type: "Warning",
      message,
      source: { component: "default-scheduler" },
    });
  });

  test("what does not fit now is scheduled when something goes", async () => {
    const gpu = { limits: { "nvidia.com/gpu": "1" } };
    await it.api.create(pods, pod("first", {}, { resources: gpu }));
    await it.api.until(pods, "first", isReady);
    await it.api.create(pods, pod("second", {}, { resources: gpu }));
    const held = await it.api.until(pods, "second", (each) => condition(each, "PodScheduled")?.status === "False");
    expect(condition(held, "PodScheduled").message).toBe(
      "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
    );
    await it.api.delete(`${pods}/first`, { gracePeriodSeconds: 1 });
    await it.api.until(pods, "second", isReady);
  });

  test("a gated pod waits for its gate", async () => {
    await it.api.create(pods, pod("behind-gate", { schedulingGates: [{ name: "example.com/wait" }] }));
    const object = await it.api.until(pods, "behind-gate", (each) => condition(each, "PodScheduled") !== undefined);
    expect(condition(object, "PodScheduled")).toMatchObject({ status: "False", reason: "SchedulingGated" });
  });
});

describe("deployment", () => {
  test("a quota that is used up is a replica failure in the words of the quota", async () => {
    await it.api.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "narrow" } });
    await it.api.create("/api/v1/namespaces/narrow/resourcequotas", {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "group" },
      spec: { hard: { "requests.cpu": "1", pods: "5" } },
    });
    const all = "/apis/apps/v1/namespaces/narrow/deployments";
    await it.api.create(all, deployment("wide", { resources: { requests: { cpu: "2" } } }));
    const object = await it.api.until(all, "wide", (each) => condition(each, "ReplicaFailure") !== undefined);
    expect(condition(object, "ReplicaFailure")).toMatchObject({ status: "True", reason: "FailedCreate" });
    expect(condition(object, "ReplicaFailure").message).toMatch(
      /^pods "wide-[a-z0-9]+-[a-z0-9]{5}" is forbidden: exceeded quota: group, requested: requests\.cpu=2, used: requests\.cpu=0, limited: requests\.cpu=1$/,
    );
    await it.api.patch("/api/v1/namespaces/narrow/resourcequotas/group", { spec: { hard: { "requests.cpu": "8" } } });
    await it.api.until(all, "wide", (each) => condition(each, "ReplicaFailure") === undefined && each.status.replicas === 1);
  });

  test("no progress by the deadline is said once, and forgotten when progress comes", async () => {
    await it.api.create(deployments, deployment("stuck", { env: [{ name: "READY", value: "no" }] }, { progressDeadlineSeconds: 1 }));
    const object = await it.api.until(deployments, "stuck", (each) => condition(each, "Progressing")?.status === "False");
    expect(condition(object, "Progressing")).toMatchObject({ reason: "ProgressDeadlineExceeded" });
    expect(condition(object, "Progressing").message).toMatch(/^ReplicaSet "stuck-[a-z0-9]+" has timed out progressing\.$/);
    const stuck = await it.api.untilAny(pods, (each) => each.metadata.name.startsWith("stuck-"));
    await it.api.get(`${pods}/${stuck.metadata.name}:8080/proxy/set?ready=yes`);
    await it.api.until(deployments, "stuck", (each) => condition(each, "Progressing")?.reason === "NewReplicaSetAvailable");
  });
});
