import { markDisrupted } from "../api/eviction.ts";
import { ruleFor } from "../api/kinds.ts";
import type { Registry } from "../api/registry.ts";
import { EventRecorder } from "../events/recorder.ts";
import { isSilentNode } from "../kubelet/silent-node.ts";
import { findCondition, setCondition } from "../objects/conditions.ts";
import { type Condition, keyOf, timestamp } from "../objects/resource.ts";
import { isReady, isTerminal, type Node, type Pod } from "../objects/workloads.ts";
import { type Controller, startController } from "./controller.ts";
import type { WorkQueue } from "./work-queue.ts";

const unreachable = "node.kubernetes.io/unreachable";
const reports: Condition = { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" };
const lost: Condition = { type: "Ready", status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };

/**
 * A node of which nothing was heard for `graceMs` counts as lost: its pods are not ready any more, nothing new comes to it,
 * and what does not tolerate that for longer is deleted. Once it is heard again, all that is taken back.
 */
export function startNodeLifecycle(registry: Registry, graceMs: number): Controller {
  const nodes = new EventRecorder(registry, { component: "node-controller" });
  const evictions = new EventRecorder(registry, { component: "taint-eviction-controller" });
  const silentSince = new Map<string, number>();

  function reconcile(name: string, queue: WorkQueue): void {
    const node = registry.find<Node>("Node", undefined, name);
    if (!node || !isSilentNode(node)) {
      silentSince.delete(name);
      if (node && isGivenUp(node)) welcome(registry, node);
      return;
    }
    const since = silentSince.get(name) ?? Date.now();
    silentSince.set(name, since);
    const left = since + graceMs - Date.now();
    if (left > 0) {
      queue.addAfter(name, left);
      return;
    }
    if (findCondition(node.status.conditions, "Ready")?.status !== "Unknown") {
      giveUp(registry, node);
      nodes.normal(node, "NodeNotReady", `Node ${name} status is now: NodeNotReady`);
    }
    const waits = podsOn(registry, name).map((pod) => lose(pod, Date.now() - takenAt(registry, name)));
    const next = Math.min(...waits);
    if (Number.isFinite(next)) queue.addAfter(name, next);
  }

  /** Gives for how many milliseconds more the pod is left there. */
  function lose(pod: Pod, lostFor: number): number {
    if (isReady(pod)) {
      takeReadiness(registry, pod);
      nodes.warning(pod, "NodeNotReady", "Node is not ready");
    }
    const wait = patienceOf(pod) - lostFor;
    if (wait > 0) return wait;
    evictions.normal(pod, "TaintManagerEviction", `Marking for deletion Pod ${keyOf(pod)}`);
    markDisrupted(registry, pod, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint");
    registry.delete(ruleFor("Pod"), pod.metadata.namespace, pod.metadata.name);
    return Number.POSITIVE_INFINITY;
  }

  return startController(
    registry,
    "Node",
    ({ rule, object }) => {
      if (rule.kind === "Node") return [object.metadata.name];
      const { nodeName } = rule.kind === "Pod" ? (object as Pod).spec : {};
      return nodeName && silentSince.has(nodeName) ? [nodeName] : [];
    },
    () => registry.list<Node>("Node").map(({ metadata }) => metadata.name),
    reconcile,
  );
}

/** It may have been heard again while the whole cluster was stopped. */
const isGivenUp = ({ spec, status }: Node): boolean =>
  findCondition(status.conditions, "Ready")?.status === "Unknown" || (spec.taints ?? []).some(({ key }) => key === unreachable);

const podsOn = (registry: Registry, name: string): Pod[] =>
  registry.list<Pod>("Pod").filter((pod) => pod.spec.nodeName === name && !isTerminal(pod) && !pod.metadata.deletionTimestamp);

function setReady(registry: Registry, node: Node, condition: Condition): void {
  registry.change<Node>(
    "Node",
    node,
    (draft) => {
      draft.status.conditions = setCondition(draft.status.conditions, condition);
    },
    "status",
  );
}

function giveUp(registry: Registry, node: Node): void {
  setReady(registry, node, lost);
  const timeAdded = timestamp();
  registry.change<Node>("Node", node, (draft) => {
    const taints = ["NoSchedule", "NoExecute"].map((effect) => ({ key: unreachable, effect, timeAdded }));
    draft.spec.taints = [...(draft.spec.taints ?? []).filter(({ key }) => key !== unreachable), ...taints];
  });
}

function welcome(registry: Registry, node: Node): void {
  setReady(registry, node, reports);
  registry.change<Node>("Node", node, (draft) => {
    draft.spec.taints = (draft.spec.taints ?? []).filter(({ key }) => key !== unreachable);
  });
}

/** When the node was given up, in milliseconds since the epoch. */
function takenAt(registry: Registry, name: string): number {
  const { taints = [] } = registry.find<Node>("Node", undefined, name)?.spec ?? {};
  return Date.parse(taints.find(({ key }) => key === unreachable)?.timeAdded ?? timestamp());
}

function takeReadiness(registry: Registry, pod: Pod): void {
  registry.change<Pod>(
    "Pod",
    pod,
    (draft) => {
      for (const condition of draft.status.conditions ?? []) {
        if (condition.type === "Ready") Object.assign(condition, { status: "False", lastTransitionTime: timestamp() });
      }
    },
    "status",
  );
}

/** Milliseconds for which a pod tolerates that its node is lost. */
function patienceOf({ spec }: Pod): number {
  const tolerating = (spec.tolerations ?? []).filter(
    ({ key, effect }) => (!key || key === unreachable) && (!effect || effect === "NoExecute"),
  );
  if (tolerating.length === 0) return 0;
  return Math.min(...tolerating.map(({ tolerationSeconds = Number.POSITIVE_INFINITY }) => tolerationSeconds)) * 1000;
}
