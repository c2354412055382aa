import { describe, expect, test } from "vitest";
import { judgeSlot } from "../../../domain/slot-condition.ts";
import {
  aDeployment,
  allTrue,
  anEvent,
  aPod,
  aReadyPod,
  condition,
  deploymentName,
  downloaded,
  ended,
  facts,
  initialized,
  judge,
  now,
  progressing,
  running,
  secondsAgo,
  serverIn,
  terminated,
  verdictOf,
  waiting,
} from "../builders.ts";

const notReadyYet = running({ started: true });
const available = (count: number) => aDeployment({ replicas: count, available: count });

describe("a server that runs", () => {
  test("is waited for until the deadline while it is not ready", () => {
    const events = [anEvent("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")];
    const judgement = judge({ pods: [serverIn(notReadyYet, { age: 900 })], events });
    expect(verdictOf(judgement)).toBe("READY Unknown ContainersNotReady progressing");
    expect(judgement.condition.message).toContain("statuscode: 503");
  });

  test("of which nothing is at the path where it is asked is told with that path", () => {
    const events = [anEvent("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404")];
    const pod = serverIn(notReadyYet);
    const [container] = (pod.spec as { containers?: { name: string }[] }).containers ?? [{ name: "predictor" }];
    const containers = [{ ...container, readinessProbe: { httpGet: { path: "/v2/models/iris/ready" } } }];
    const { condition } = judge({ pods: [{ ...pod, spec: { ...(pod.spec as object), containers } }], events });
    expect(condition.message).toContain("statuscode: 404: there is nothing at /v2/models/iris/ready");
  });

  test("has failed when it was ready and is not any more", () => {
    const pod = serverIn(running({ started: true, age: 600 }), { age: 700, conditions: initialized(690, 20) });
    expect(verdictOf(judge({ pods: [pod] }))).toBe("READY False ContainersNotReady progressing");
  });

  test.each([
    [59, "READY Unknown ReadinessGatesNotReady progressing"],
    [60, "READY False ReadinessGatesNotReady progressing"],
  ])("waits for the load balancer: %i s", (age, expected) => {
    const gate = 'corresponding condition of pod readiness gate "target-health.elbv2.k8s.aws/k8s-x" does not exist.';
    const conditions = [
      condition("ContainersReady", "True", undefined, undefined, age),
      condition("Ready", "False", "ReadinessGatesNotReady", gate),
      condition("PodScheduled", "True"),
      condition("Initialized", "True"),
    ];
    const pod = serverIn(running({ ready: true, started: true }), { conditions });
    const judgement = judge({ pods: [pod] });
    expect(verdictOf(judgement)).toBe(expected);
    expect(judgement.condition.message).toContain("target-health.elbv2.k8s.aws");
  });

  test("past the Deployment's deadline whatever it waits for has failed", () => {
    const late = condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out progressing");
    const judgement = judge({ deployment: aDeployment({ conditions: [late] }), pods: [serverIn(notReadyYet)] });
    expect(verdictOf(judgement)).toBe("READY False ProgressDeadlineExceeded failed");
    expect(judgement.condition.message).toContain("not ready by its deadline: the server runs and is not ready yet");
  });
});

describe("ready", () => {
  test("means every instance, counted by the Deployment too", () => {
    const judgement = judge({ deployment: available(2), pods: [aReadyPod("a"), aReadyPod("b")] }, 2);
    expect(verdictOf(judgement)).toBe("READY True Ready ready");
    expect(judgement.observed.components.predictor).toMatchObject({ desired: 2, ready: 2 });
  });

  test.each([
    ["one instance is missing", { deployment: available(2), pods: [aReadyPod("a")] }, "SCHEDULED Unknown Pending progressing"],
    [
      "not all count as available",
      { deployment: aDeployment({ replicas: 2, available: 1 }), pods: [aReadyPod("a"), aReadyPod("b")] },
      "READY Unknown MinimumReplicasUnavailable progressing",
    ],
    [
      "not all are of the newest template",
      { deployment: aDeployment({ replicas: 2, updated: 1, available: 2 }), pods: [aReadyPod("a"), aReadyPod("b")] },
      "READY Unknown MinimumReplicasUnavailable progressing",
    ],
    [
      "the size was changed and not taken up",
      { deployment: aDeployment({ replicas: 2, generation: 3, observed: 2, available: 2 }), pods: [aReadyPod("a"), aReadyPod("b")] },
      "READY Unknown GenerationNotObserved progressing",
    ],
    [
      "one of them is leaving",
      {
        deployment: available(2),
        pods: [aReadyPod("a"), { ...aReadyPod("b"), metadata: { name: "b", deletionTimestamp: secondsAgo(1) } }],
      },
      "SCHEDULED Unknown Pending progressing",
    ],
    [
      "the Deployment was scaled below what the operation needs",
      { deployment: available(1), pods: [aReadyPod("a")] },
      "SCHEDULED Unknown Pending progressing",
    ],
  ])("not when %s", (_, seen, expected) => {
    expect(verdictOf(judge(seen, 2))).toBe(expected);
  });

  test("with no instance when none is wanted", () => {
    expect(verdictOf(judge({ deployment: available(0), pods: [] }, 0))).toBe("READY True ScaledToZero ready");
  });

  test("an instance that was evicted and replaced does not count against it", () => {
    const evicted = aPod({ name: "gone", phase: "Failed", reason: "Evicted" });
    expect(verdictOf(judge({ deployment: available(1), pods: [evicted, aReadyPod("a")] }))).toBe("READY True Ready ready");
  });
});

describe("several instances and components", () => {
  const crashing = serverIn(terminated(ended(1), { restarts: 4 }), { name: `${deploymentName}-b` });

  test("the worst instance speaks, wherever it stands in the list", () => {
    const expected = "STARTED False Error failed";
    expect(verdictOf(judge({ deployment: available(2), pods: [aReadyPod("a"), crashing] }, 2))).toBe(expected);
    expect(verdictOf(judge({ deployment: available(2), pods: [crashing, aReadyPod("a")] }, 2))).toBe(expected);
    expect(judge({ deployment: available(2), pods: [crashing, aReadyPod("a")] }, 2).condition.message).toContain("(1 of 2 instances)");
  });

  test("the transformer's cause is told as the transformer's", () => {
    const ready = { deployment: available(1), pods: [aReadyPod("a")] };
    const broken = { pods: [serverIn(waiting("InvalidImageName", "", { name: "transformer" }))] };
    const judgement = judgeSlot(facts(ready, broken), { predictor: 1, transformer: 1 }, now);
    expect(verdictOf(judgement)).toBe("INITIALIZED False InvalidImageName failed");
    expect(judgement.condition.message).toMatch(/^transformer of revision 4 \(green\): /);
    expect(judgement.observed.components.transformer).toMatchObject({ ready: 0, desired: 1 });
  });

  test("a transformer that is wanted and not in the cluster is not ready", () => {
    const judgement = judgeSlot(facts({ deployment: available(1), pods: [aReadyPod("a")] }), { predictor: 1, transformer: 1 }, now);
    expect(verdictOf(judgement)).toBe("SCHEDULED Unknown DeploymentMissing progressing");
  });
});

test("an instance whose node does not report any more is not ready because of it, and may be again", () => {
  // As the controller of nodes leaves it: Ready alone is turned, without a reason.
  const conditions = [...allTrue().filter(({ type }) => type !== "Ready"), condition("Ready", "False", undefined, undefined, 1)];
  const container = running({ ready: true, started: true });
  const judged = judge({ deployment: aDeployment(), pods: [aPod({ phase: "Running", conditions, containers: [container] })] });
  expect(verdictOf(judged)).toBe("READY False NodeNotReady progressing");
  expect(judged.condition.message).toContain("node node-1 does not report");
});

test("who was taken away is told of what comes in its place, and no more when that is ready", () => {
  const evicted = condition("DisruptionTarget", "True", "EvictionByEvictionAPI", "Eviction API: evicting");
  const leaving = aPod({ name: "old", deleted: true, conditions: [...allTrue(), evicted] });
  const coming = judge({ deployment: aDeployment(), pods: [leaving, aPod({ name: "new" })] });
  expect(coming.condition).toMatchObject({ status: "Unknown" });
  expect(coming.condition.message).toMatch(/; instance old is taken away \(EvictionByEvictionAPI: Eviction API: evicting\)$/);
  const ready = judge({ deployment: available(1), pods: [leaving, aReadyPod("new")] });
  expect(ready.condition).toMatchObject({ status: "True", message: expect.not.stringContaining("old") });
});

test("instances tell phase, restarts and the last end of a server, not that of a finished download", () => {
  const fresh = aPod({
    name: "b",
    phase: "Running",
    conditions: allTrue(),
    inits: [downloaded],
    containers: [running({ ready: true, started: true })],
  });
  const leaving = { ...aReadyPod("c"), metadata: { name: "c", deletionTimestamp: secondsAgo(1) } };
  const restarted = serverIn(running({ ready: true, started: true, restarts: 2, last: ended(137, "OOMKilled", "a\nlast words\n") }), {
    name: "a",
    conditions: allTrue(),
  });
  const resources = { requests: { cpu: "250m", memory: "512Mi" }, limits: { memory: "512Mi", "nvidia.com/gpu": 1 } };
  const proxy = { name: "mesh-proxy", resources: { requests: { cpu: "10m" } } };
  restarted.spec = { ...(restarted.spec as object), containers: [proxy, { name: "predictor", resources }] };
  const { observed } = judge({ deployment: aDeployment({ replicas: 3, conditions: [progressing] }), pods: [fresh, leaving, restarted] }, 3);
  expect(observed.components.predictor?.instances).toEqual([
    {
      name: "a",
      component: "predictor",
      slot: "green",
      revision: 4,
      phase: "Running",
      ready: true,
      restarts: 2,
      node: "node-1",
      started_at: inMilliseconds(secondsAgo(5)),
      resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { memory: "512Mi", "nvidia.com/gpu": "1" } },
      last_termination: { reason: "OOMKilled", exit_code: 137, signal: 9, message: "last words", at: inMilliseconds(secondsAgo(2)) },
    },
    expect.objectContaining({ name: "b", restarts: 0, last_termination: null }),
    expect.objectContaining({ name: "c", phase: "Terminating", ready: false }),
  ]);
  expect(observed.components.predictor?.ready).toBe(2);
});

function inMilliseconds(time: string): string {
  return new Date(time).toISOString();
}
