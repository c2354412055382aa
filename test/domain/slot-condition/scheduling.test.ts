import { describe, expect, test } from "vitest";
import { aDeployment, anEvent, aPod, condition, judge, progressing, verdictOf } from "../builders.ts";

const insufficient =
  "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found.";
const unplaced = (reason: string, message: string, age: number) =>
  aPod({ node: null, conditions: [condition("PodScheduled", "False", reason, message, age)], age });

describe("before an instance has its node", () => {
  test.each([
    ["no Deployment in the cluster", { deployment: null }, "SCHEDULED Unknown DeploymentMissing progressing"],
    ["no pod yet", {}, "SCHEDULED Unknown Pending progressing"],
    ["a pod the scheduler has not looked at", { pods: [aPod({ node: null, conditions: [] })] }, "SCHEDULED Unknown Pending progressing"],
    [
      "a scheduling gate",
      { pods: [unplaced("SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates", 500)] },
      "SCHEDULED Unknown SchedulingGated progressing",
    ],
    ["no room, just seen", { pods: [unplaced("Unschedulable", insufficient, 59)] }, "SCHEDULED False Unschedulable progressing"],
    ["no room for a minute", { pods: [unplaced("Unschedulable", insufficient, 60)] }, "SCHEDULED False Unschedulable failed"],
    ["the scheduler's own error", { pods: [unplaced("SchedulerError", "plugin failed", 60)] }, "SCHEDULED False SchedulerError failed"],
    [
      "a node nominated by Karpenter",
      {
        pods: [unplaced("Unschedulable", insufficient, 300)],
        events: [anEvent("Nominated", "Pod should schedule on: nodeclaim/default-x7", { type: "Normal" })],
      },
      "SCHEDULED Unknown Nominated progressing",
    ],
    [
      "a node asked for by Cluster Autoscaler",
      {
        pods: [unplaced("Unschedulable", insufficient, 300)],
        events: [anEvent("TriggeredScaleUp", "pod triggered scale-up: [{ng 1->2 (max: 3)}]", { type: "Normal" })],
      },
      "SCHEDULED Unknown TriggeredScaleUp progressing",
    ],
    [
      "a node that was asked for and then refused",
      {
        pods: [unplaced("Unschedulable", insufficient, 300)],
        events: [
          anEvent("TriggeredScaleUp", "pod triggered scale-up", { type: "Normal", age: 200 }),
          anEvent("NotTriggerScaleUp", "pod didn't trigger scale-up: 1 max node group size reached", { type: "Normal", age: 10 }),
        ],
      },
      "SCHEDULED False Unschedulable failed",
    ],
    [
      "another pod's node does not help",
      {
        pods: [unplaced("Unschedulable", insufficient, 300)],
        events: [anEvent("Nominated", "Pod should schedule on: nodeclaim/default-x7", { about: "another-pod" })],
      },
      "SCHEDULED False Unschedulable failed",
    ],
  ])("%s", (_, seen, expected) => {
    expect(verdictOf(judge(seen))).toBe(expected);
  });

  test("the scheduler's words stand in the message, without what preemption would not bring", () => {
    const { condition: judged } = judge({ pods: [unplaced("Unschedulable", insufficient, 5)] });
    expect(judged.message).toBe("predictor of revision 4 (green): no node has room: 0/1 nodes are available: 1 Insufficient cpu");
  });

  test("an instance that is preempted says so", () => {
    const pod = aPod({
      conditions: [condition("DisruptionTarget", "True", "PreemptionByScheduler", "preempting to accommodate a higher priority pod")],
    });
    expect(verdictOf(judge({ pods: [pod] }))).toBe("SCHEDULED Unknown PreemptionByScheduler progressing");
  });

  test("an evicted instance whose successor is not there yet is named with its reason", () => {
    const lost = aPod({ phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." });
    const judgement = judge({ pods: [lost] });
    expect(verdictOf(judgement)).toBe("SCHEDULED Unknown Evicted progressing");
    expect(judgement.condition.message).toContain("low on resource: memory");
  });
});

describe("instances that may not be created", () => {
  const quota = "exceeded quota: group, requested: pods=1, used: pods=10, limited: pods=10";
  const refused = `pods "card-5d8f7-x2x4z" is forbidden: ${quota}`;
  const refusedFor = (seconds: number, words = refused) => [
    progressing,
    condition("ReplicaFailure", "True", "FailedCreate", words, seconds),
  ];

  test.each([
    [9, "SCHEDULED False FailedCreate progressing"],
    [10, "SCHEDULED False FailedCreate failed"],
  ])("quota, refused for %i s", (seconds, expected) => {
    const judgement = judge({ deployment: aDeployment({ conditions: refusedFor(seconds) }) });
    expect(verdictOf(judgement)).toBe(expected);
    // The name that an instance would have had is another one at each attempt.
    expect(judgement.condition.message).toContain(`the cluster refuses to create instances: ${quota}`);
  });

  test.each([
    'Operation cannot be fulfilled on resourcequotas "group": the object has been modified; please apply your changes to the latest version',
    "Internal error occurred: resource quota evaluation timed out",
  ])("a quota that many ask at once refuses nobody, however often: %s", (words) => {
    const judgement = judge({ deployment: aDeployment({ conditions: refusedFor(300, words) }) });
    expect(verdictOf(judgement)).toBe("SCHEDULED False FailedCreate progressing");
  });

  test("the ReplicaSet may say it before the Deployment does", () => {
    const replicaSet = { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "rs" }, status: { conditions: refusedFor(30) } };
    expect(verdictOf(judge({ replicaSets: [replicaSet] }))).toBe("SCHEDULED False FailedCreate failed");
  });

  test("a refusal of the past does not count once every instance is there", () => {
    const pod = aPod({ age: 2 });
    expect(verdictOf(judge({ deployment: aDeployment({ conditions: refusedFor(300) }), pods: [pod] }))).toMatch(/^INITIALIZED Unknown/);
  });

  test("a ReplicaSet that cannot be made", () => {
    const failing = condition("Progressing", "False", "ReplicaSetCreateError", "admission webhook denied the request", 20);
    expect(verdictOf(judge({ deployment: aDeployment({ conditions: [failing] }) }))).toBe("SCHEDULED False ReplicaSetCreateError failed");
  });
});

test("times that Kubernetes has not set yet count as none", () => {
  const pod = aPod({ node: null, conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "x" }], age: 1 });
  expect(verdictOf(judge({ pods: [pod] }))).toBe("SCHEDULED False Unschedulable progressing");
});
