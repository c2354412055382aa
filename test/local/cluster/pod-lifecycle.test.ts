import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ContainerLogRecord } from "../../../local/cluster/kubelet/node-parts.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { containerState, isReady, pod, pods } from "./support/objects.ts";
import { isRunning } from "./support/processes.ts";

let it: ClusterUnderTest;
const logged: ContainerLogRecord[] = [];
beforeAll(async () => {
  it = await startTestCluster({ onContainerLog: (record) => logged.push(record) });
});
afterAll(() => it.stop());

const log = async (name: string, query = "") => (await it.api.get(`${pods}/${name}/log${query}`)).text;
const proxied = async (name: string, path: string) => (await it.api.get(`${pods}/${name}:8080/proxy${path}`)).body;

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
    // The second lies above the folder that stands for the first.
    volumeMounts: [
      { name: "model", mountPath: "/mnt/models" },
      { name: "temporary", mountPath: "/tmp" },
    ],
    readinessProbe: undefined,
  };
  await it.api.create("/api/v1/namespaces/test/secrets", {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "token" },
    data: { value: Buffer.from("hidden").toString("base64") },
  });
  await it.api.create(
    pods,
    pod(
      "told",
      {
        restartPolicy: "Never",
        volumes: [
          { name: "model", emptyDir: {} },
          { name: "temporary", emptyDir: {} },
        ],
      },
      changes,
    ),
  );
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

test("each line that a container writes is told to the listener, run by run", async () => {
  await it.api.create(pods, pod("talking"));
  await it.api.until(pods, "talking", isReady);
  await proxied("talking", "/say?text=one");
  await proxied("talking", "/exit?code=5");
  await it.api.until(pods, "talking", (each) => containerState(each).restartCount === 1 && isReady(each));
  const heard = logged
    .filter((record) => record.pod === "talking" && record.container === "server")
    .map(({ line, restart_count }) => [restart_count, line]);
  expect(heard).toEqual([
    [0, "listening"],
    [0, "one"],
    [1, "listening"],
  ]);
});

test("with the pod its processes are gone", async () => {
  await it.api.create(pods, pod("leaving"));
  await it.api.until(pods, "leaving", isReady);
  const { pid } = await proxied("leaving", "/");
  await it.api.delete(`${pods}/leaving`);
  await it.api.untilGone(`${pods}/leaving`);
  expect(isRunning(pid)).toBe(false);
});
