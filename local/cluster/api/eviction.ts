import type { DisruptionBudget } from "../objects/disruption-budget.ts";
import { timestamp } from "../objects/resource.ts";
import { matcherOf } from "../objects/selectors.ts";
import { isReady, type Pod } from "../objects/workloads.ts";
import { ruleFor } from "./kinds.ts";
import type { Registry } from "./registry.ts";
import { badRequest, notProvided, StatusError, statusObject } from "./status-error.ts";

export interface Eviction {
  metadata?: { name?: string };
  deleteOptions?: { gracePeriodSeconds?: number; preconditions?: { uid?: string; resourceVersion?: string }; dryRun?: string[] };
}

/** `POST pods/{name}/eviction`: deletes the pod when its disruption budget allows that, else TooManyRequests. */
export function evictPod(registry: Registry, namespace: string, name: string, eviction: Eviction): object {
  const pod = registry.get(ruleFor("Pod"), namespace, name) as Pod;
  if (eviction.metadata?.name !== name) throw badRequest("name in URL does not match name in Eviction object");
  const { dryRun = [], ...options } = eviction.deleteOptions ?? {};
  if (dryRun.length > 0) throw notProvided("dry runs of evictions");
  if (!isBeyondBudget(pod)) takeFromBudget(registry, pod);
  markDisrupted(registry, pod, "EvictionByEvictionAPI", "Eviction API: evicting");
  registry.delete(ruleFor("Pod"), namespace, name, options);
  return statusObject("Success", { code: 201 });
}

/** Ended, not yet started or already going: its removal disrupts nothing. */
function isBeyondBudget(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined || pod.status.phase !== "Running";
}

function takeFromBudget(registry: Registry, pod: Pod): void {
  const budgets = registry
    .list<DisruptionBudget>("PodDisruptionBudget", pod.metadata.namespace)
    .filter((budget) => budget.spec.selector && matcherOf(budget.spec.selector)(pod.metadata.labels));
  if (budgets.length > 1) {
    throw new StatusError(500, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
  }
  const budget = budgets[0];
  if (!budget) return;
  const { disruptionsAllowed = 0, desiredHealthy = 0, currentHealthy = 0, observedGeneration = 0 } = budget.status ?? {};
  const budgetName = budget.metadata.name;
  const always = budget.spec.unhealthyPodEvictionPolicy === "AlwaysAllow";
  if (!isReady(pod) && (always || (currentHealthy >= desiredHealthy && desiredHealthy > 0))) return;
  if (observedGeneration < (budget.metadata.generation ?? 1)) {
    throw tooManyRequests(`The disruption budget ${budgetName} is still being processed by the server.`, 10);
  }
  if (disruptionsAllowed <= 0) {
    throw tooManyRequests(`The disruption budget ${budgetName} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`);
  }
  registry.change<DisruptionBudget>(
    "PodDisruptionBudget",
    budget,
    (draft) => {
      if (draft.status) draft.status.disruptionsAllowed = disruptionsAllowed - 1;
    },
    "status",
  );
}

function tooManyRequests(cause: string, retryAfterSeconds?: number): StatusError {
  return new StatusError(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: "DisruptionBudget", message: cause }],
    ...(retryAfterSeconds && { retryAfterSeconds }),
  });
}

/** Says of a pod that is about to go who takes it away. */
export function markDisrupted(registry: Registry, pod: Pod, reason: string, message: string): void {
  registry.change<Pod>(
    "Pod",
    pod,
    (draft) => {
      const others = (draft.status.conditions ?? []).filter((condition) => condition.type !== "DisruptionTarget");
      draft.status.conditions = [...others, { type: "DisruptionTarget", status: "True", reason, message, lastTransitionTime: timestamp() }];
    },
    "status",
  );
}
