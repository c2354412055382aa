import { beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { absentImage, condition, containerState, deployment, isReady, pod, secret, service, task, waiting } from "./support/objects.ts";
import { api, cluster, proxied, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("pod");
});

const make = (object: Any) => api.make(here.pods, object);
const log = async (name: string, query = "") => (await api.get(`${here.pods}/${name}/log${query}`)).text;
/** A kubelet tells about 25 events of one pod and then keeps silent: none of them goes on "connection refused" while the server starts. */
const answers = (path: string) => ({ httpGet: { path, port: "http" }, periodSeconds: 5, initialDelaySeconds: 2 });
const eventOf = (name: string, reason: string, text = "") =>
  api.untilAny(`${here.events}?fieldSelector=involvedObject.name=${name},reason=${reason}`, (event) => event.message.includes(text));

test("conditions turn true in the order of a start", async () => {
  const { resourceVersion } = (await api.get(here.pods)).body.metadata;
  await make(pod("ordered", { initContainers: [task("prepare", ["ok"])] }));
  const order: string[] = [];
  for await (const { object } of api.watch(`${here.pods}?resourceVersion=${resourceVersion}&fieldSelector=metadata.name=ordered`)) {
    for (const { type, status } of object.status.conditions ?? []) if (status === "True" && !order.includes(type)) order.push(type);
    if (isReady(object)) break;
  }
  expect(order.slice(0, 3)).toEqual(["PodScheduled", "PodReadyToStartContainers", "Initialized"]);
  expect(order.slice(3).toSorted()).toEqual(["ContainersReady", "Ready"]);
});

test("a ready pod says where it runs and what it runs", async () => {
  await make(pod("ready"));
  const { spec, status } = await api.until(here.pods, "ready", isReady);
  expect(status).toMatchObject({
    phase: "Running",
    hostIP: expect.any(String),
    podIP: expect.stringMatching(/^10\./),
    startTime: expect.any(String),
  });
  expect(spec.nodeName).toBe("node-1");
  expect(status.containerStatuses).toMatchObject([
    {
      name: "server",
      ready: true,
      started: true,
      restartCount: 0,
      image: cluster.images.server,
      imageID: expect.stringMatching(/^localhost\/test-server@sha256:[0-9a-f]{64}$/),
      containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/),
      state: { running: { startedAt: expect.any(String) } },
      lastState: {},
    },
  ]);
});

test("an image by its digest is the same image", async () => {
  await make(pod("by-tag"));
  const { imageID } = containerState(await api.until(here.pods, "by-tag", isReady));
  await make(pod("by-digest", {}, { image: imageID }));
  expect(containerState(await api.until(here.pods, "by-digest", isReady)).imageID).toBe(imageID);
});

describe("environment", () => {
  test("values, references, fields, Secrets and expansions reach the process", async () => {
    await api.make(here.secrets, secret("token", { stringData: { value: "hidden", other: "also" } }));
    const env = [
      { name: "NAME", value: "n" },
      { name: "TWICE", value: "$(NAME)-$(NONE)-$$(NAME)" },
      { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "PLACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      { name: "TOKEN", valueFrom: { secretKeyRef: { name: "token", key: "value" } } },
      { name: "OPTIONAL", valueFrom: { secretKeyRef: { name: "none", key: "value", optional: true } } },
    ];
    const args = ["environment", "$(NAME)", "$(NONE)"];
    await make(
      pod("told", {
        containers: [task("server", args, { env, envFrom: [{ prefix: "FROM_", secretRef: { name: "token" } }] })],
        restartPolicy: "Never",
      }),
    );
    await api.until(here.pods, "told", (each) => each.status.phase === "Succeeded");
    const seen = JSON.parse(await log("told"));
    expect(seen.args).toEqual(["n", "$(NONE)"]);
    expect(seen.env).toMatchObject({
      NAME: "n",
      TWICE: "n-$(NONE)-$(NAME)",
      POD: "told",
      PLACE: here.namespace,
      TOKEN: "hidden",
      FROM_other: "also",
    });
    expect(seen.env).not.toHaveProperty("OPTIONAL");
  });

  test("a missing Secret holds the container until it is there", async () => {
    await make(pod("needy", {}, { env: [{ name: "TAG", valueFrom: { secretKeyRef: { name: "later", key: "tag" } } }] }));
    await api.until(here.pods, "needy", (each) => waiting(each) === "CreateContainerConfigError");
    await api.make(here.secrets, secret("later", { stringData: { tag: "now" } }));
    await api.until(here.pods, "needy", isReady);
    expect(await proxied(here.pods, "needy", "/")).toMatchObject({ tag: "now" });
  });

  test("one component reaches another by the address of its Service", async () => {
    const { spec } = await api.make(here.services, service("predictor"));
    await api.make(here.deployments, deployment("predictor", { env: [{ name: "TAG", value: "behind" }] }));
    await api.until(here.deployments, "predictor", (each) => condition(each, "Available")?.status === "True");
    const slices = `${here.slices}?labelSelector=kubernetes.io/service-name=predictor`;
    await api.untilAny(slices, (each) => each.endpoints?.[0]?.conditions.ready === true);
    // By name on the local cluster, which has no such addresses; by address on one that may have no DNS.
    const host = cluster.kind === "local" ? `predictor.${here.namespace}.svc.cluster.local` : spec.clusterIP;
    const ask = `fetch(process.env.PEER).then((answer) => answer.text()).then(console.log)`;
    const env = [{ name: "PEER", value: `http://${host}:80/v2` }];
    await make(
      pod("asking", {
        containers: [{ ...task("server", []), command: [cluster.images.node, "-e", ask], env }],
        restartPolicy: "OnFailure",
      }),
    );
    await api.until(here.pods, "asking", (each) => each.status.phase === "Succeeded");
    expect(JSON.parse(await log("asking"))).toMatchObject({ tag: "behind", url: "/v2" });
  });
});

describe("init containers", () => {
  const mounts = { volumeMounts: [{ name: "model", mountPath: "/mnt/models" }] };

  test("leave their files to the server, which starts when they have ended", async () => {
    const initContainers = [task("fetch", ["write", "/mnt/models/model", "weights"], mounts), task("rest", ["pause", "3000"])];
    const env = [{ name: "FILE", value: "/mnt/models/model" }];
    await make(pod("fetched", { initContainers, volumes: [{ name: "model", emptyDir: {} }] }, { env, ...mounts }));
    const before = await api.until(here.pods, "fetched", (each) => containerState(each, "rest")?.state.running);
    expect([waiting(before), before.status.phase]).toEqual(["PodInitializing", "Pending"]);
    expect(condition(before, "Initialized")).toMatchObject({ status: "False", reason: "ContainersNotInitialized" });
    const after = await api.until(here.pods, "fetched", isReady);
    expect(containerState(after, "fetch")).toMatchObject({ ready: true, state: { terminated: { reason: "Completed", exitCode: 0 } } });
    expect((await api.get(`${here.pods}/fetched:8080/proxy/file`)).text).toBe("weights");
  });

  test("that come too late to be pulled say so themselves", async () => {
    await make(pod("unfetched", { initContainers: [task("fetch", [], { image: absentImage, imagePullPolicy: "Never" })] }));
    const object = await api.until(here.pods, "unfetched", (each) => waiting(each, "fetch") === "ErrImageNeverPull");
    expect(waiting(object)).toBe("PodInitializing");
  });
});

describe("restarts", () => {
  test("are counted, with the last end and its message", async () => {
    await make(pod("restarting", {}, { terminationMessagePolicy: "FallbackToLogsOnError" }));
    await api.until(here.pods, "restarting", isReady);
    await proxied(here.pods, "restarting", "/say?text=last%20words");
    await proxied(here.pods, "restarting", "/exit?code=5");
    const object = await api.until(here.pods, "restarting", (each) => containerState(each).restartCount === 1 && isReady(each));
    const { lastState } = containerState(object);
    expect(lastState.terminated).toMatchObject({ exitCode: 5, reason: "Error", message: "listening\nlast words\n" });
    expect(Date.parse(lastState.terminated.finishedAt)).toBeGreaterThanOrEqual(Date.parse(lastState.terminated.startedAt));
    expect(object.status.phase).toBe("Running");
  });

  test("a container that is not alive is ended and started again", async () => {
    const livenessProbe = { httpGet: { path: "/live", port: "http" }, periodSeconds: 1, failureThreshold: 1 };
    await make(pod("dying", {}, { livenessProbe, startupProbe: { ...livenessProbe, failureThreshold: 60 } }));
    await api.until(here.pods, "dying", isReady);
    await proxied(here.pods, "dying", "/set?live=no");
    const object = await api.until(here.pods, "dying", (each) => containerState(each).restartCount === 1 && isReady(each));
    expect(containerState(object).lastState.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
    expect((await eventOf("dying", "Killing")).message).toBe("Container server failed liveness probe, will be restarted");
  });
});

describe("probes", () => {
  test("a pod that is not ready runs all the same, and becomes ready and unready as it answers", async () => {
    await make(pod("wavering", {}, { readinessProbe: answers("/ready"), env: [{ name: "READY", value: "no" }] }));
    await eventOf("wavering", "Unhealthy", "statuscode: 503");
    // A kubelet that is busy asks before it has written what it asks.
    const running = await api.until(here.pods, "wavering", ({ status }) => status.phase === "Running");
    expect(containerState(running)).toMatchObject({ ready: false, started: true });
    await proxied(here.pods, "wavering", "/set?ready=yes");
    await api.until(here.pods, "wavering", isReady);
    await proxied(here.pods, "wavering", "/set?ready=no");
    const unready = await api.until(here.pods, "wavering", (each) => condition(each, "Ready")?.status === "False");
    expect(condition(unready, "ContainersReady")).toMatchObject({
      reason: "ContainersNotReady",
      message: "containers with unready status: [server]",
    });
  });

  test("until the startup probe has succeeded a container has not started, and nothing else is asked", async () => {
    const startupProbe = { ...answers("/live"), failureThreshold: 600 };
    await make(pod("starting", {}, { startupProbe, env: [{ name: "LIVE", value: "no" }] }));
    await eventOf("starting", "Unhealthy", "Startup probe failed: HTTP probe failed with statuscode: 500");
    expect(containerState((await api.get(`${here.pods}/starting`)).body)).toMatchObject({ ready: false, started: false });
    await proxied(here.pods, "starting", "/set?live=yes");
    expect(containerState(await api.until(here.pods, "starting", isReady)).started).toBe(true);
  });

  test("commands and open sockets can be probed", async () => {
    const say = (text: string, code: number) => [cluster.images.node, "-e", `console.log("${text}"); process.exit(${code})`];
    const probe = { exec: { command: say("not so fast", 1) }, periodSeconds: 5, timeoutSeconds: 10 };
    await make(pod("by-command", {}, { readinessProbe: probe }));
    await make(pod("by-socket", {}, { readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } }));
    await eventOf("by-command", "Unhealthy", "Readiness probe failed: not so fast");
    await api.until(here.pods, "by-socket", isReady);
  });

  test("a readiness gate holds the pod until somebody opens it", async () => {
    await make(pod("gated", { readinessGates: [{ conditionType: "example.com/open" }] }));
    const object = await api.until(here.pods, "gated", (each) => condition(each, "ContainersReady")?.status === "True");
    expect(condition(object, "Ready")).toMatchObject({ status: "False", reason: "ReadinessGatesNotReady" });
    const conditions = [...object.status.conditions, { type: "example.com/open", status: "True" }];
    await api.patch(`${here.pods}/gated/status`, { status: { conditions } });
    await api.until(here.pods, "gated", isReady);
  });
});

describe("scheduling", () => {
  test("what does not fit now is scheduled when something goes", async () => {
    const { allocatable } = (await api.get("/api/v1/nodes/node-1")).body.status;
    const cores = Number(allocatable.cpu);
    // More than half: two of them never fit side by side, whatever else runs there.
    const resources = { requests: { cpu: `${Math.floor(cores * 510)}m` } };
    await make(pod("first", {}, { resources }));
    await api.until(here.pods, "first", isReady);
    await make(pod("second", {}, { resources }));
    const held = await api.until(here.pods, "second", (each) => condition(each, "PodScheduled")?.status === "False");
    expect(condition(held, "PodScheduled")).toMatchObject({
      reason: "Unschedulable",
      message:
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
    });
    await api.delete(`${here.pods}/first`);
    await api.until(here.pods, "second", isReady);
    await api.delete(`${here.pods}/second`);
  });

  test("a gated pod is scheduled when its gate is taken away", async () => {
    await make(pod("behind-gate", { schedulingGates: [{ name: "example.com/wait" }] }));
    await api.until(here.pods, "behind-gate", (each) => condition(each, "PodScheduled")?.reason === "SchedulingGated");
    await api.patch(`${here.pods}/behind-gate`, { spec: { schedulingGates: null } });
    await api.until(here.pods, "behind-gate", isReady);
  });
});

test("an event of the scheduler tells its time where the newer API has it", async () => {
  await make(pod("homeless", {}, { resources: { requests: { cpu: "1000" } } }));
  expect(await eventOf("homeless", "FailedScheduling")).toMatchObject({
    source: {},
    reportingComponent: "default-scheduler",
    eventTime: expect.stringMatching(/\.\d{6}Z$/),
    firstTimestamp: null,
    lastTimestamp: null,
  });
});

test("an event that is said again is counted, not repeated", async () => {
  await make(pod("repeating", {}, { env: [{ name: "READY", value: "no" }] }));
  const about = `${here.events}?fieldSelector=involvedObject.name=repeating,type=Warning`;
  const event = await api.untilAny(about, (each) => each.reason === "Unhealthy" && each.count >= 2);
  expect(Date.parse(event.lastTimestamp)).toBeGreaterThanOrEqual(Date.parse(event.firstTimestamp));
  const { items } = (await api.get(about)).body;
  expect(new Set(items.map((each: Any) => each.message)).size).toBe(items.length);
});
