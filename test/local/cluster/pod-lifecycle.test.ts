import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ContainerLogRecord } from "../../../local/cluster/kubelet/node-parts.ts";
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
  pod,
  pods,
  service,
  services,
  slices,
} from "./support/objects.ts";
import { isRunning } from "./support/processes.ts";

let it: ClusterUnderTest;
const logged: ContainerLogRecord[] = [];
beforeAll(async () => {
  it = await startTestCluster({ onContainerLog: (record) => logged.push(record) });
});
afterAll(() => it.stop());

const log = async (name: string, query = "") => (await it.api.get(`${pods}/${name}/log${query}`)).text;
const proxied = async (name: string, path: string) => (await it.api.get(`${pods}/${name}:8080/proxy${path}`)).body;

test("the conditions of a pod turn true in the order of its start", async () => {
  const initContainers = [container({ name: "prepare", args: ["ok"], ports: [], readinessProbe: undefined })];
  const { resourceVersion } = (await it.api.get(pods)).body.metadata;
  await it.api.create(pods, pod("ordered", { initContainers }));
  const order: string[] = [];
  for await (const { object } of it.api.watch(`${pods}?resourceVersion=${resourceVersion}`)) {
    for (const { type, status } of object.status.conditions ?? []) if (status === "True" && !order.includes(type)) order.push(type);
    if (isReady(object)) break;
  }
  expect(order.slice(0, 3)).toEqual(["PodScheduled", "PodReadyToStartContainers", "Initialized"]);
  expect(order.slice(3).toSorted()).toEqual(["ContainersReady", "Ready"]);
  const said = (await it.api.get(`${events}?fieldSelector=involvedObject.name=ordered`)).body.items.map((event: Any) => event.reason);
  expect(said).toEqual(expect.arrayContaining(["Scheduled", "Pulled", "Created", "Started"]));
});

test("environment, arguments, volumes and ports stand for what the process really has", async () => {
  const changes = {
    args: ["environment", "--http_port=8080", "--model_dir=/mnt/models/iris", "$(NAME)-$(NONE)", "8080", "http://other:8080"],
    env: [
      { name: "NAME", value: "n" },
      { name: "DIR", value: "/mnt/models" },
      { name: "LISTEN", value: "8080" },
      { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "TOKEN", valueFrom: { secretKeyRef: { name: "token", key: "value" } } },
      { name: "PEER", value: "other.test:80" },
    ],
    volumeMounts: [{ name: "model", mountPath: "/mnt/models" }],
    readinessProbe: undefined,
  };
  await it.api.create("/api/v1/namespaces/test/secrets", {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "token" },
    data: { value: Buffer.from("hidden").toString("base64") },
  });
  await it.api.create(pods, pod("told", { restartPolicy: "Never", volumes: [{ name: "model", emptyDir: {} }] }, changes));
  await it.api.until(pods, "told", (each) => each.status.phase === "Succeeded");
  const { env, args } = JSON.parse(await log("told"));
  expect(Object.keys(env).toSorted()).toEqual(["DIR", "HOME", "LISTEN", "NAME", "PATH", "PEER", "POD", "PORT", "TOKEN"]);
  expect(env).toMatchObject({
    NAME: "n",
    POD: "told",
    TOKEN: "hidden",
    LISTEN: env.PORT,
    PEER: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  });
  expect(args).toEqual([`--http_port=${env.PORT}`, `--model_dir=${env.DIR}/iris`, "n-$(NONE)", env.PORT, "http://other:8080"]);
  expect(existsSync(env.DIR)).toBe(true);
  await it.api.delete(`${pods}/told`);
  await it.api.untilGone(`${pods}/told`);
  expect(existsSync(env.DIR)).toBe(false);
});

test("an init container leaves its files to the server, which starts when it has ended", async () => {
  const file = join(it.folder, "go");
  const shared = { volumeMounts: [{ name: "model", mountPath: "/mnt/models" }] };
  const initContainers = [container({ name: "fetch", args: ["wait", file], ports: [], readinessProbe: undefined, ...shared })];
  await it.api.create(pods, pod("fetched", { initContainers, volumes: [{ name: "model", emptyDir: {} }] }, shared));
  const before = await it.api.until(pods, "fetched", (each) => containerState(each, "fetch")?.state.running);
  expect(containerState(before).state.waiting.reason).toBe("PodInitializing");
  expect(before.status.phase).toBe("Pending");
  writeFileSync(file, "");
  const after = await it.api.until(pods, "fetched", isReady);
  expect(containerState(after, "fetch")).toMatchObject({ ready: true, state: { terminated: { reason: "Completed", exitCode: 0 } } });
});

test("deletion: preStop, SIGTERM, end; the endpoint goes first", async () => {
  await it.api.create(services, service("leaving"));
  await it.api.create(pods, pod("leaving", {}, { lifecycle: { preStop: { sleep: { seconds: 1 } } } }));
  await it.api.until(pods, "leaving", isReady);
  const { pid } = await proxied("leaving", "/");
  const answer = await it.api.delete(`${pods}/leaving`);
  expect(answer.body.metadata).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: expect.any(String) });
  const slice = await it.api.untilAny(slices, (each) => each.endpoints?.[0]?.conditions.terminating === true);
  expect(slice.endpoints[0].conditions).toEqual({ ready: false, serving: true, terminating: true });
  // The preStop hook is still running: the server answers whoever has not heard of it.
  expect(await proxied("leaving", "/")).toMatchObject({ pid });
  const last = await it.api.until(pods, "leaving", (each) => each.status.phase === "Succeeded");
  expect(containerState(last).state.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
  await it.api.untilGone(`${pods}/leaving`);
  expect(isRunning(pid)).toBe(false);
});

test("who does not listen to SIGTERM is killed when the grace period is over", async () => {
  await it.api.create(pods, pod("stubborn", {}, { env: [{ name: "IGNORE_TERM", value: "yes" }] }));
  await it.api.until(pods, "stubborn", isReady);
  const { pid } = await proxied("stubborn", "/");
  await it.api.delete(`${pods}/stubborn`, { gracePeriodSeconds: 1 });
  const last = await it.api.until(pods, "stubborn", (each) => each.status.phase === "Failed");
  expect(containerState(last).state.terminated).toMatchObject({ exitCode: 137, reason: "Error" });
  await it.api.untilGone(`${pods}/stubborn`);
  expect(isRunning(pid)).toBe(false);
});

test("logs: tail, bytes, timestamps, previous run, follow, and each line to the listener", async () => {
  await it.api.create(
    pods,
    pod("talking", {
      containers: [container(), container({ name: "other", args: ["serve"], ports: [{ containerPort: 8081 }], readinessProbe: undefined })],
    }),
  );
  expect((await it.api.get(`${pods}/talking/log`)).body).toMatchObject({
    code: 400,
    reason: "BadRequest",
    message: "a container name must be specified for pod talking, choose one of: [server other]",
  });
  expect((await it.api.get(`${pods}/talking/log?container=none`)).body.message).toBe("container none is not valid for pod talking");
  await it.api.until(pods, "talking", isReady);
  expect((await it.api.get(`${pods}/talking/log?container=server&previous=true`)).body.message).toBe(
    'previous terminated container "server" in pod "talking" not found',
  );
  for (const text of ["one", "two", "three"]) await proxied("talking", `/say?text=${text}`);
  await expect.poll(() => log("talking", "?container=server")).toBe("listening\none\ntwo\nthree\n");
  expect(await log("talking", "?container=server&tailLines=2")).toBe("two\nthree\n");
  expect(await log("talking", "?container=server&limitBytes=6")).toBe("listen");
  expect(await log("talking", "?container=server&tailLines=1&timestamps=true")).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z three\n$/);
  expect(await log("talking", `?container=server&sinceTime=${encodeURIComponent("2100-01-01T00:00:00Z")}`)).toBe("");
  const followed = it.api.call("GET", `${pods}/talking/log?container=server&follow=true&tailLines=0`);
  await proxied("talking", "/exit?code=5");
  const object = await it.api.until(pods, "talking", (each) => containerState(each).restartCount === 1 && isReady(each));
  expect((await followed).status).toBe(200);
  expect(containerState(object).lastState.terminated.exitCode).toBe(5);
  expect(await log("talking", "?container=server&previous=true")).toBe("listening\none\ntwo\nthree\n");
  expect(await log("talking", "?container=server")).toBe("listening\n");
  const heard = logged
    .filter((record) => record.pod === "talking" && record.container === "server")
    .map(({ line, restart_count }) => [restart_count, line]);
  expect(heard).toEqual([
    [0, "listening"],
    [0, "one"],
    [0, "two"],
    [0, "three"],
    [1, "listening"],
  ]);
});

test("a log that cannot be there yet is refused with the reason", async () => {
  await it.api.create(pods, pod("logless", {}, { image: "example.com/none:1" }));
  await it.api.until(pods, "logless", (each) => containerState(each)?.state.waiting?.reason === "ImagePullBackOff");
  expect((await it.api.get(`${pods}/logless/log`)).body.message).toBe(
    'container "server" in pod "logless" is waiting to start: trying and failing to pull image',
  );
});

test("one component reaches another by the name of its Service", async () => {
  await it.api.create(deployments, deployment("predictor", { env: [{ name: "TAG", value: "behind" }] }));
  await it.api.create(services, service("predictor"));
  await it.api.until(deployments, "predictor", (each) => condition(each, "Available")?.status === "True");
  await it.api.untilAny(slices, (each) => each.metadata.name.startsWith("predictor-") && each.endpoints?.[0]?.conditions.ready);
  const client = "fetch(process.env.PREDICTOR + '/v2').then((r) => r.text()).then(console.log)";
  const env = [{ name: "PREDICTOR", value: "http://predictor.test.svc.cluster.local" }];
  const changes = { command: [process.execPath, "-e", client], env, readinessProbe: undefined };
  await it.api.create(pods, pod("asking", { restartPolicy: "Never" }, changes));
  await it.api.until(pods, "asking", (each) => each.status.phase === "Succeeded");
  expect(JSON.parse(await log("asking"))).toMatchObject({ tag: "behind", url: "/v2" });
});
