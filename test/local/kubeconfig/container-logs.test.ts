import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { ContainerLogRecord } from "../../../local/cluster/kubelet/node-parts.ts";
import { KubernetesApi } from "../../../local/kubeconfig/api.ts";
import { connectionOf } from "../../../local/kubeconfig/connection.ts";
import { ContainerLogs } from "../../../local/kubeconfig/container-logs.ts";
import { type ClusterUnderTest, startTestCluster } from "../cluster/support/cluster-under-test.ts";
import { isReady, pod, pods } from "../cluster/support/objects.ts";
import { contextOf } from "./context-of.ts";

let here: ClusterUnderTest;
let reader: KubernetesApi;
let shipping: ContainerLogs | undefined;
let stored: ContainerLogRecord[] = [];
beforeAll(async () => {
  here = await startTestCluster();
  reader = new KubernetesApi(connectionOf(contextOf(here, { token: here.cluster.adminToken })));
});
afterEach(() => {
  shipping?.stop();
  stored = [];
});
afterAll(async () => {
  reader?.connection.close();
  await here?.stop();
});

function ship(): void {
  const lastTime = ({ container_id }: Pick<ContainerLogRecord, "container_id">) =>
    stored.findLast((each) => each.container_id === container_id)?.time;
  shipping = new ContainerLogs(reader, { record: (record) => void stored.push(record), lastTime });
}
const linesOf = (name: string) => stored.filter((record) => record.pod === name).map(({ line }) => line);

function ours(name: string, command: string[]) {
  const made = pod(name, {}, { command: undefined, args: command });
  return { ...made, metadata: { ...made.metadata, labels: { ...made.metadata.labels, "app.kubernetes.io/managed-by": "slipway" } } };
}
const say = (name: string, text: string) => here.api.get(`${pods}/${name}:8080/proxy/say?text=${text}`);
const patience = { timeout: 20_000, interval: 50 };

it("brings what our pods write while they write it, with where it came from, and nobody else's", async () => {
  ship();
  await here.api.create(pods, ours("talks", ["serve"]));
  await here.api.create(pods, pod("stranger", {}, { args: ["serve"] }));
  await here.api.until(pods, "talks", isReady);
  await say("talks", "one");
  await expect.poll(() => linesOf("talks"), patience).toEqual(["listening", "one"]);
  await say("talks", "two");
  await expect.poll(() => linesOf("talks"), patience).toEqual(["listening", "one", "two"]);
  const { containerStatuses } = (await here.api.get(`${pods}/talks`)).body.status;
  expect(stored.at(-1)).toMatchObject({
    ...{ namespace: "test", pod: "talks", node: "local-1", container: "server", image: "docker.io/test/server:1", restart_count: 0 },
    ...{ container_id: containerStatuses[0].containerID, time: expect.stringMatching(/^\d{4}-.*Z$/), is_whole: true },
  });
  expect(linesOf("stranger")).toEqual([]);
});

it("goes on where it left off when the control plane starts again", async () => {
  ship();
  await here.api.create(pods, ours("lasts", ["serve"]));
  await here.api.until(pods, "lasts", isReady);
  await expect.poll(() => linesOf("lasts"), patience).toEqual(["listening"]);
  shipping?.stop();
  await say("lasts", "meanwhile");
  ship();
  await expect.poll(() => linesOf("lasts"), patience).toEqual(["listening", "meanwhile"]);
  await say("lasts", "after");
  await expect.poll(() => linesOf("lasts"), patience).toEqual(["listening", "meanwhile", "after"]);
});

it("brings the runs of a container that crashes, each by its number", async () => {
  ship();
  await here.api.create(pods, ours("crashes", ["crash", "3"]));
  const runs = () => stored.filter(({ pod: name, line }) => name === "crashes" && line === "boom: 3").map((each) => each.restart_count);
  await expect.poll(() => new Set(runs()).size, patience).toBeGreaterThan(1);
  expect(new Set(stored.map(({ container_id, line }) => `${container_id} ${line}`)).size).toBe(stored.length);
  await here.api.delete(`${pods}/crashes`);
});
