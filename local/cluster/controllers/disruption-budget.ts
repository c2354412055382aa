import { isDeepStrictEqual } from "node:util";
import type { Registry } from "../api/registry.ts";
import { setCondition } from "../objects/conditions.ts";
import type { DisruptionBudget } from "../objects/disruption-budget.ts";
import { type Condition, controllerOf, keyOf } from "../objects/resource.ts";
import { matcherOf } from "../objects/selectors.ts";
import { isActive, isReady, type Pod, type ReplicaSet } from "../objects/workloads.ts";
import { type Controller, startController } from "./controller.ts";
import { portion, sum } from "./rolling-update.ts";
import { splitKey } from "./work-queue.ts";

/** Counts how many pods of each PodDisruptionBudget may be evicted now. */
export function startDisruptionBudgets(registry: Registry): Controller {
  return startController(
    registry,
    "PodDisruptionBudget",
    ({ object, previous, rule }) => {
      if (rule.kind === "PodDisruptionBudget") return [keyOf(object)];
      if (rule.kind !== "Pod") return [];
      // Of many budgets it concerns one: each that is looked at looks at every pod.
      const budgets = registry.list<DisruptionBudget>("PodDisruptionBudget", object.metadata.namespace);
      return budgets.filter((budget) => [object, previous].some((pod) => pod && selects(budget, pod as Pod))).map(keyOf);
    },
    () => registry.list<DisruptionBudget>("PodDisruptionBudget").map(keyOf),
    (key) => reconcile(registry, key),
  );
}

const selects = ({ spec: { selector } }: DisruptionBudget, { metadata }: Pod): boolean =>
  selector !== undefined && matcherOf(selector)(metadata.labels);

function reconcile(registry: Registry, key: string): void {
  const [namespace, name] = splitKey(key);
  const budget = registry.find<DisruptionBudget>("PodDisruptionBudget", namespace, name);
  if (!budget?.spec.selector) return;
  const pods = registry.podsOf(namespace, budget.spec.selector).filter(isActive);
  const status = statusOf(budget, pods, expectedPods(registry, pods));
  registry.change<DisruptionBudget>(
    "PodDisruptionBudget",
    budget,
    (draft) => {
      if (!isDeepStrictEqual(draft.status, status)) draft.status = status;
    },
    "status",
  );
}

/** What the controllers of the pods want, as a percentage is taken of that. */
function expectedPods(registry: Registry, pods: Pod[]): number {
  const owners = new Map(pods.map((pod) => [controllerOf(pod)?.uid ?? pod.metadata.uid, pod]));
  return sum([...owners.values()], (pod) => {
    const owner = controllerOf(pod);
    return owner ? (registry.find<ReplicaSet>("ReplicaSet", pod.metadata.namespace, owner.name)?.spec.replicas ?? 1) : 1;
  });
}

function statusOf(budget: DisruptionBudget, pods: Pod[], expected: number): NonNullable<DisruptionBudget["status"]> {
  const { minAvailable, maxUnavailable } = budget.spec;
  const desiredHealthy =
    maxUnavailable !== undefined
      ? Math.max(0, expected - portion(maxUnavailable, expected, Math.ceil))
      : portion(minAvailable ?? 1, expected, Math.ceil);
  const expectedPods = maxUnavailable !== undefined || typeof minAvailable === "string" ? expected : pods.length;
  const currentHealthy = pods.filter(isReady).length;
  const disruptionsAllowed = expectedPods === 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const observedGeneration = budget.metadata.generation ?? 1;
  const condition: Condition = {
    type: "DisruptionAllowed",
    status: disruptionsAllowed > 0 ? "True" : "False",
    reason: disruptionsAllowed > 0 ? "SufficientPods" : "InsufficientPods",
    message: "",
    observedGeneration,
  };
  const conditions = setCondition(budget.status?.conditions, condition);
  return { currentHealthy, desiredHealthy, disruptionsAllowed, expectedPods, observedGeneration, conditions };
}
