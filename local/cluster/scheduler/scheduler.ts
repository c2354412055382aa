import type { Change } from "../api/change-log.ts";
import type { Registry } from "../api/registry.ts";
import { type Controller, startController } from "../controllers/controller.ts";
import { splitKey } from "../controllers/work-queue.ts";
import { EventRecorder } from "../events/recorder.ts";
import { keyOf, timestamp } from "../objects/resource.ts";
import { isTerminal, type Node, type Pod, type PodCondition } from "../objects/workloads.ts";
import { freeAmounts, misfits, unschedulableMessage } from "./fit.ts";

/** Puts each pod on the node with the most room; what fits nowhere is tried again when something becomes free. */
export function startScheduler(registry: Registry): Controller {
  const events = new EventRecorder(registry, { component: "default-scheduler", action: "Scheduling" });
  const waiting = () => registry.list<Pod>("Pod").filter(isWaiting).toSorted(byAge).map(keyOf);
  return startController(
    registry,
    "scheduling",
    (change) => {
      if (makesRoom(change)) return waiting();
      const pod = change.rule.kind === "Pod" ? (change.object as Pod) : undefined;
      return pod && isWaiting(pod) && (change.type === "ADDED" || specChanged(change)) ? [keyOf(pod)] : [];
    },
    waiting,
    (key) => schedule(registry, events, key),
  );
}

function isWaiting(pod: Pod): boolean {
  return !pod.spec.nodeName && !pod.metadata.deletionTimestamp && !isTerminal(pod);
}

function byAge(a: Pod, b: Pod): number {
  return a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp);
}

function makesRoom({ type, rule, object, previous }: Change): boolean {
  if (rule.kind === "Node") return true;
  if (rule.kind !== "Pod") return false;
  return type === "DELETED" || (isTerminal(object as Pod) && previous !== undefined && !isTerminal(previous as Pod));
}

function specChanged({ object, previous }: Change): boolean {
  return JSON.stringify(object.spec) !== JSON.stringify(previous?.spec);
}

function schedule(registry: Registry, events: EventRecorder, key: string): void {
  const [namespace, name] = splitKey(key);
  const pod = registry.find<Pod>("Pod", namespace, name);
  if (!pod || !isWaiting(pod)) return;
  if (pod.spec.schedulingGates?.length) {
    refuse(registry, pod, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
    return;
  }
  const pods = registry.list<Pod>("Pod");
  const nodes = registry.list<Node>("Node").map((node) => ({ node, free: freeAmounts(node, pods) }));
  const judged = nodes.map(({ node, free }) => ({ node, free, against: misfits(pod, node, free) }));
  const [best] = judged.filter(({ against }) => against.length === 0).toSorted((a, b) => (b.free.cpu ?? 0) - (a.free.cpu ?? 0));
  if (best) {
    bind(registry, events, pod, best.node.metadata.name);
    return;
  }
  const message = unschedulableMessage(judged.map(({ against }) => against));
  refuse(registry, pod, "Unschedulable", message);
  events.warning(pod, "FailedScheduling", message);
}

function bind(registry: Registry, events: EventRecorder, pod: Pod, nodeName: string): void {
  const bound = registry.change<Pod>("Pod", pod, (draft) => {
    draft.spec.nodeName = nodeName;
  });
  if (!bound) return;
  setScheduled(registry, bound, { type: "PodScheduled", status: "True" });
  events.normal(pod, "Scheduled", `Successfully assigned ${keyOf(pod)} to ${nodeName}`);
}

function refuse(registry: Registry, pod: Pod, reason: string, message: string): void {
  setScheduled(registry, pod, { type: "PodScheduled", status: "False", reason, message });
}

function setScheduled(registry: Registry, pod: Pod, condition: PodCondition): void {
  registry.change<Pod>(
    "Pod",
    pod,
    (draft) => {
      const before = draft.status.conditions?.find((each) => each.type === "PodScheduled");
      if (before?.status === condition.status && before.reason === condition.reason && before.message === condition.message) return;
      const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : timestamp();
      const next = { ...condition, lastProbeTime: null as unknown as string, lastTransitionTime: lastTransitionTime as string };
      draft.status.conditions = [...(draft.status.conditions ?? []).filter((each) => each.type !== "PodScheduled"), next];
    },
    "status",
  );
}
