import { podAmounts } from "../objects/pod-resources.ts";
import { type Amounts, addAmounts, parseAmounts } from "../objects/quantity.ts";
import { isTerminal, type Node, type Pod } from "../objects/workloads.ts";

/** Why a pod does not fit on a node; `forGood` when removing other pods would not help. */
export interface Misfit {
  reason: string;
  forGood: boolean;
}

/** What of a node's capacity its pods leave free. */
export function freeAmounts(node: Node, pods: Pod[]): Amounts {
  const free = parseAmounts(node.status.allocatable);
  const here = pods.filter((pod) => pod.spec.nodeName === node.metadata.name && !isTerminal(pod));
  const used = here.map((pod) => ({ ...podAmounts(pod.spec, "requests"), pods: 1 })).reduce<Amounts>(addAmounts, {});
  return addAmounts(free, Object.fromEntries(Object.entries(used).map(([name, amount]) => [name, -amount])));
}

/** The reasons of the first filter that fails, in the order of the real scheduler; empty when the pod fits. */
export function misfits(pod: Pod, node: Node, free: Amounts): Misfit[] {
  if (node.spec.unschedulable) return [{ reason: "node(s) were unschedulable", forGood: true }];
  const tolerated = (node.spec.taints ?? []).every((taint) => taint.effect === "PreferNoSchedule" || tolerates(pod, taint));
  if (!tolerated) return [{ reason: "node(s) had untolerated taint(s)", forGood: true }];
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  if (!selector.every(([key, value]) => node.metadata.labels?.[key] === value)) {
    return [{ reason: "node(s) didn't match Pod's node affinity/selector", forGood: true }];
  }
  return resourceMisfits(pod, node, free);
}

function tolerates(pod: Pod, taint: { key: string; value?: string; effect: string }): boolean {
  return (pod.spec.tolerations ?? []).some(
    (toleration) =>
      (!toleration.effect || toleration.effect === taint.effect) &&
      (!toleration.key || toleration.key === taint.key) &&
      (toleration.operator === "Exists" || (toleration.value ?? "") === (taint.value ?? "")),
  );
}

function resourceMisfits(pod: Pod, node: Node, free: Amounts): Misfit[] {
  const total = parseAmounts(node.status.allocatable);
  const asked = podAmounts(pod.spec, "requests");
  const lacking = Object.entries(asked)
    .filter(([name, amount]) => amount > 0 && amount > (free[name] ?? 0))
    .map(([name, amount]) => ({ reason: `Insufficient ${name}`, forGood: amount > (total[name] ?? 0) }));
  const crowded = (free.pods ?? 0) < 1 ? [{ reason: "Too many pods", forGood: false }] : [];
  return [...crowded, ...lacking];
}

/** `0/3 nodes are available: 2 Insufficient cpu, …`, as the scheduler words it, with what preemption could do. */
export function unschedulableMessage(perNode: Misfit[][]): string {
  const count = `0/${perNode.length} nodes are available`;
  if (perNode.length === 0) return "no nodes available to schedule pods";
  const preemption = perNode.map((reasons) =>
    reasons.some((reason) => reason.forGood) ? "Preemption is not helpful for scheduling" : "No preemption victims found for incoming pod",
  );
  const reasons = tally(perNode.flatMap((list) => list.map(({ reason }) => reason)));
  return `${count}: ${reasons}. no new claims to deallocate, preemption: ${count}: ${tally(preemption)}.`;
}

function tally(texts: string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .map(([text, count]) => `${count} ${text}`)
    .sort()
    .join(", ");
}
