import { expect, test } from "vitest";
import { discoveryDocument } from "../../../local/cluster/api/discovery.ts";
import { age } from "../../../local/cluster/api/tables/age.ts";
import { podStatus, restarts } from "../../../local/cluster/api/tables/pod-words.ts";
import type { Pod } from "../../../local/cluster/objects/workloads.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

test.each([
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [599, "9m59s"],
  [600, "10m"],
  [10_799, "179m"],
  [10_800, "3h"],
  [12_060, "3h21m"],
  [28_800, "8h"],
  [172_799, "47h"],
  [172_800, "2d"],
  [180_000, "2d2h"],
  [691_200, "8d"],
])("%d seconds are shown as %s", (seconds, shown) => {
  expect(age(ago(seconds), now)).toBe(shown);
});

const running = { name: "server", ready: true, restartCount: 0, state: { running: {} } };
const done = { name: "done", ready: false, restartCount: 0, state: { terminated: { exitCode: 0, reason: "Completed" } } };
const ended = (more: object) => ({ name: "server", ready: false, restartCount: 1, state: { terminated: { exitCode: 1, ...more } } });
const waiting = (reason: string) => ({ name: "server", ready: false, restartCount: 0, state: { waiting: { reason } } });
const pod = (status: object, metadata: object = {}): Pod =>
  ({
    metadata: { name: "p", ...metadata },
    spec: { containers: [{ name: "server" }], initContainers: [{ name: "a" }, { name: "b" }] },
    status,
  }) as Pod;

test.each([
  ["Running", pod({ phase: "Running", containerStatuses: [running] })],
  ["Pending", pod({ phase: "Pending" })],
  ["Evicted", pod({ phase: "Failed", reason: "Evicted" })],
  ["CrashLoopBackOff", pod({ phase: "Running", containerStatuses: [running, waiting("CrashLoopBackOff")] })],
  ["OOMKilled", pod({ phase: "Running", containerStatuses: [ended({ reason: "OOMKilled" })] })],
  ["ExitCode:1", pod({ phase: "Running", containerStatuses: [ended({})] })],
  ["Signal:9", pod({ phase: "Running", containerStatuses: [ended({ signal: 9 })] })],
  ["NotReady", pod({ phase: "Running", containerStatuses: [running, done] })],
  ["Completed", pod({ phase: "Succeeded", containerStatuses: [done] })],
  ["Init:1/2", pod({ phase: "Pending", initContainerStatuses: [done, waiting("PodInitializing")] })],
  ["Init:ImagePullBackOff", pod({ phase: "Pending", initContainerStatuses: [waiting("ImagePullBackOff")] })],
  ["Init:Error", pod({ phase: "Pending", initContainerStatuses: [ended({ reason: "Error" })] })],
  ["Terminating", pod({ phase: "Running", containerStatuses: [running] }, { deletionTimestamp: ago(1) })],
  ["Unknown", pod({ phase: "Running", reason: "NodeLost" }, { deletionTimestamp: ago(1) })],
])("a pod is %s", (word, given) => {
  expect(podStatus(given)).toBe(word);
});

test("restarts are told with the time of the last", () => {
  const lastState = { terminated: { exitCode: 1, finishedAt: ago(300) } };
  expect(restarts(pod({ containerStatuses: [{ ...running, restartCount: 2, lastState }] }), now)).toBe("2 (5m ago)");
  expect(restarts(pod({ containerStatuses: [running] }), now)).toBe("0");
});

test("kinds have their short names, and `all` its kinds", () => {
  const { resources } = discoveryDocument("/apis/apps/v1") as { resources: object[] };
  expect(resources).toContainEqual(expect.objectContaining({ name: "deployments", shortNames: ["deploy"], categories: ["all"] }));
});
