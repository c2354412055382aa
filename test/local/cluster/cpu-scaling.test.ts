import { expect, test } from "vitest";
import { desiredByCpu, type Recommendation, stabilized } from "../../../local/cluster/controllers/cpu-scaling.ts";
import type { Autoscaler, ScalingRules } from "../../../local/cluster/objects/autoscaler.ts";
import type { Deployment } from "../../../local/cluster/objects/workloads.ts";

const autoscaler = (behavior: { scaleUp?: ScalingRules; scaleDown?: ScalingRules } = {}, averageUtilization: number | null = 50) =>
  ({
    spec: {
      minReplicas: 1,
      maxReplicas: 10,
      metrics: averageUtilization === null ? [] : [{ type: "Resource", resource: { name: "cpu", target: { averageUtilization } } }],
      behavior,
    },
  }) as unknown as Autoscaler;
const deployment = { spec: { replicas: 2 } } as Deployment;

test.each([
  [1, 2, 4],
  [0.5, 2, 2],
  [0.54, 2, 2],
  [0.56, 2, 3],
  [0.1, 2, 1],
])("cores in use over cores requested %f on %i pods: %i", (ratio, pods, wanted) => {
  expect(desiredByCpu(autoscaler(), deployment, () => ({ ratio, pods }))).toBe(wanted);
});

test("without metric or measurement nothing is wanted", () => {
  expect(desiredByCpu(autoscaler({}, null), deployment, () => ({ ratio: 1, pods: 2 }))).toBeUndefined();
  expect(desiredByCpu(autoscaler(), deployment, () => undefined)).toBeUndefined();
});

test("growing is immediate, shrinking waits for the highest wish of its window", () => {
  const history = new Map<string, Recommendation[]>();
  expect(stabilized(autoscaler(), 2, 4, history, "a")).toBe(4);
  expect(stabilized(autoscaler(), 4, 1, history, "a")).toBe(4);
  expect(stabilized(autoscaler({ scaleDown: { stabilizationWindowSeconds: 0 } }), 4, 1, new Map(), "a")).toBe(1);
});

test("a disabled direction is not taken", () => {
  const still = { selectPolicy: "Disabled", stabilizationWindowSeconds: 0 } as const;
  expect(stabilized(autoscaler({ scaleDown: still }), 4, 1, new Map(), "a")).toBe(4);
  expect(stabilized(autoscaler({ scaleUp: still }), 1, 4, new Map(), "a")).toBe(1);
});
