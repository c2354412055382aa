import { isDeepStrictEqual } from "node:util";
import type { Registry } from "../api/registry.ts";
import { EventRecorder } from "../events/recorder.ts";
import type { Autoscaler } from "../objects/autoscaler.ts";
import { setCondition } from "../objects/conditions.ts";
import { type Condition, keyOf, timestamp } from "../objects/resource.ts";
import type { Deployment } from "../objects/workloads.ts";
import { type Controller, startController } from "./controller.ts";
import { type CpuUtilization, desiredByCpu, type Recommendation, stabilized } from "./cpu-scaling.ts";
import { splitKey, type WorkQueue } from "./work-queue.ts";

const syncPeriod = 15_000;

/** Keeps Deployments between minReplicas and maxReplicas, and scales by cpu where the node can tell the use of it. */
export function startAutoscalers(registry: Registry, cpu: CpuUtilization): Controller {
  const events = new EventRecorder(registry, { component: "horizontal-pod-autoscaler" });
  const history = new Map<string, Recommendation[]>();
  return startController(
    registry,
    "HorizontalPodAutoscaler",
    ({ object, rule }) => {
      if (rule.kind === "HorizontalPodAutoscaler") return [keyOf(object)];
      if (rule.kind !== "Deployment") return [];
      const all = registry.list<Autoscaler>("HorizontalPodAutoscaler", object.metadata.namespace);
      return all.filter((each) => each.spec.scaleTargetRef.name === object.metadata.name).map(keyOf);
    },
    () => registry.list<Autoscaler>("HorizontalPodAutoscaler").map(keyOf),
    (key, queue) => reconcile(registry, events, cpu, history, key, queue),
  );
}

function reconcile(
  registry: Registry,
  events: EventRecorder,
  cpu: CpuUtilization,
  history: Map<string, Recommendation[]>,
  key: string,
  queue: WorkQueue,
): void {
  const [namespace, name] = splitKey(key);
  const autoscaler = registry.find<Autoscaler>("HorizontalPodAutoscaler", namespace, name);
  if (!autoscaler) return void history.delete(key);
  const { kind, name: target } = autoscaler.spec.scaleTargetRef;
  const deployment = kind === "Deployment" ? registry.find<Deployment>("Deployment", namespace, target) : undefined;
  if (!deployment) {
    saveStatus(registry, autoscaler, 0, 0, false, [unableToScale(kind, target)]);
    return;
  }
  const current = deployment.spec.replicas;
  const plan = decide(autoscaler, deployment, cpu, history, key);
  // Only a range to move in needs looking at the load again.
  if (autoscaler.spec.maxReplicas > autoscaler.spec.minReplicas) queue.addAfter(key, syncPeriod);
  if (plan.replicas !== current) {
    registry.change<Deployment>("Deployment", deployment, (draft) => {
      draft.spec.replicas = plan.replicas;
    });
    events.normal(autoscaler, "SuccessfulRescale", `New size: ${plan.replicas}; reason: ${plan.why}`);
  }
  saveStatus(registry, autoscaler, deployment.status?.replicas ?? 0, plan.replicas, plan.replicas !== current, plan.conditions);
}

interface Plan {
  replicas: number;
  why: string;
  conditions: Condition[];
}

function decide(
  autoscaler: Autoscaler,
  deployment: Deployment,
  cpu: CpuUtilization,
  history: Map<string, Recommendation[]>,
  key: string,
): Plan {
  const { minReplicas, maxReplicas } = autoscaler.spec;
  const current = deployment.spec.replicas;
  const able = condition("AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale");
  if (current === 0) {
    const disabled = condition(
      "ScalingActive",
      "False",
      "ScalingDisabled",
      "scaling is disabled since the replica count of the target is zero",
    );
    return { replicas: 0, why: "", conditions: [able, disabled] };
  }
  if (current > maxReplicas) return { replicas: maxReplicas, why: "Current number of replicas above Spec.MaxReplicas", conditions: [able] };
  if (current < minReplicas) return { replicas: minReplicas, why: "Current number of replicas below Spec.MinReplicas", conditions: [able] };
  const wanted = desiredByCpu(autoscaler, deployment, cpu);
  if (wanted === undefined) {
    const message =
      "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API";
    return { replicas: current, why: "", conditions: [able, condition("ScalingActive", "False", "FailedGetResourceMetric", message)] };
  }
  const active = condition(
    "ScalingActive",
    "True",
    "ValidMetricFound",
    "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)",
  );
  const bounded = Math.min(maxReplicas, Math.max(minReplicas, stabilized(autoscaler, current, wanted, history, key)));
  return {
    replicas: bounded,
    why: bounded > current ? "cpu resource utilization (percentage of request) above target" : "All metrics below target",
    conditions: [able, active],
  };
}

function unableToScale(kind: string, target: string): Condition {
  return condition(
    "AbleToScale",
    "False",
    "FailedGetScale",
    `the HPA controller was unable to get the target's current scale: ${kind.toLowerCase()}s.apps "${target}" not found`,
  );
}

function condition(type: string, status: "True" | "False", reason: string, message: string): Condition {
  return { type, status, reason, message };
}

function saveStatus(
  registry: Registry,
  autoscaler: Autoscaler,
  currentReplicas: number,
  desiredReplicas: number,
  scaled: boolean,
  found: Condition[],
): void {
  registry.change<Autoscaler>(
    "HorizontalPodAutoscaler",
    autoscaler,
    (draft) => {
      const before = draft.status?.conditions ?? [];
      const conditions = found.reduce((list, each) => setCondition(list, each), before);
      const lastScaleTime = scaled ? timestamp() : draft.status?.lastScaleTime;
      const status = {
        currentReplicas,
        desiredReplicas,
        ...(lastScaleTime && { lastScaleTime }),
        conditions: conditions.toSorted((a, b) => a.type.localeCompare(b.type)),
      };
      if (!isDeepStrictEqual(draft.status, status)) draft.status = status;
    },
    "status",
  );
}
