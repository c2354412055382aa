import { expect, it } from "vitest";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { evidenceOfFailure, logsOf } from "../../lambdas/rollout/slot-evidence.ts";
import { factsOf } from "../../lambdas/rollout/slot-facts.ts";
import { aHead, aSlot } from "../doubles/deployments.ts";
import { MemoryCluster } from "../doubles/memory-cluster.ts";

const head = aHead({ id: "iris", uid: "01M7YKB0W1VEAXAWVS3VP4Y801" });
const name = "iris-p4y801-p1-1";
const labels = { "slipway.dev/uid": head.uid, "slipway.dev/epoch": "1", "slipway.dev/component": "predictor" };
const input = { uid: head.uid, operation_id: "01M7YKB0W1VEAXAWVS3VP4Y802", epoch: 1 };
const evidence = { put: async () => "key" };

const event = (kind: string, about: string, resourceVersion: string, more: object): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: `${about}.${resourceVersion}`, resourceVersion, creationTimestamp: "2026-11-21T08:29:06Z" },
  involvedObject: { kind, name: about },
  ...more,
});

/** As a real cluster writes them: the scheduler to the microsecond, in other fields than controllers and kubelet. */
const events = [
  event("Pod", `${name}-67d9d8ffc8-x2x4z`, "17906", {
    ...{ reason: "FailedScheduling", type: "Warning", message: "0/1 nodes are available", eventTime: "2026-11-21T08:29:06.516809Z" },
    ...{ firstTimestamp: null, lastTimestamp: null, series: { count: 3, lastObservedTime: "2026-11-21T08:29:06.916809Z" } },
  }),
  event("Deployment", name, "17900", { reason: "ScalingReplicaSet", lastTimestamp: "2026-11-21T08:29:06Z", count: 1, eventTime: null }),
  event("ReplicaSet", `${name}-67d9d8ffc8`, "17905", {
    reason: "SuccessfulCreate",
    lastTimestamp: "2026-11-21T08:29:06Z",
    eventTime: null,
  }),
  event("HorizontalPodAutoscaler", name, "17955", { reason: "FailedGetResourceMetric", lastTimestamp: "2026-11-21T08:30:06Z", count: 4 }),
  event("Pod", `${name}-67d9d8ffc8-x2x4z`, "17999", { reason: "BackOff", lastTimestamp: "2026-11-21T08:29:05Z", count: 5 }),
];

const crashed: KubernetesObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: `${name}-67d9d8ffc8-x2x4z`, namespace: head.place.namespace, labels },
  status: {
    containerStatuses: [{ name: "predictor", ready: false, state: { terminated: { exitCode: 3 } }, lastState: { terminated: {} } }],
  },
};

const gather = async (cluster = new MemoryCluster(), pod = crashed) => {
  const seen = { deployments: [], replica_sets: [], pods: [pod], events };
  const facts = factsOf("blue", aSlot(), seen, head);
  const logs = await logsOf(cluster, head.place.namespace, facts);
  return evidenceOfFailure(evidence, input, { facts, logs, conditions: [] });
};

it("keeps events in the order in which they came, whichever fields their writers fill, and none of the autoscaler's", async () => {
  const kept = (await gather()).events?.map(({ at, reason, count }) => `${at} ${reason} ${count}`);
  expect(kept).toEqual([
    "2026-11-21T08:29:05.000Z BackOff 5",
    "2026-11-21T08:29:06.000Z ScalingReplicaSet 1",
    "2026-11-21T08:29:06.000Z SuccessfulCreate 1",
    "2026-11-21T08:29:06.916Z FailedScheduling 3",
  ]);
});

it("does not take for a log what a kubelet says in place of one", async () => {
  const cluster = new MemoryCluster();
  const words = "unable to retrieve container logs for containerd://7f57036678a8";
  cluster.logs.set(`${crashed.metadata.name}/predictor/previous`, words);
  cluster.logs.set(`${crashed.metadata.name}/predictor`, "starting\nboom\n");
  expect((await gather(cluster)).logs).toMatchObject([
    { previous: true, lines: [`(this log could not be read: ${words})`] },
    { previous: false, lines: ["starting", "boom"] },
  ]);
});

it("keeps what a server wrote that ended well, which it must not, and nothing of a download that did", async () => {
  const cluster = new MemoryCluster();
  const { name: instance } = crashed.metadata;
  cluster.logs.set(`${instance}/predictor`, "cannot load the model\nbye\n");
  cluster.logs.set(`${instance}/storage-initializer`, "copied 2 files\n");
  const end = { terminated: { exitCode: 0, reason: "Completed" } };
  const statuses = (name: string) => [{ name, ready: false, state: end, lastState: {} }];
  const status = { containerStatuses: statuses("predictor"), initContainerStatuses: statuses("storage-initializer") };
  expect((await gather(cluster, { ...crashed, status })).logs).toMatchObject([
    { container_name: "predictor", lines: ["cannot load the model", "bye"] },
  ]);
});
