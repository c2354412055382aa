import { isDeepStrictEqual } from "node:util";
import { ruleFor } from "../api/kinds.ts";
import type { Registry } from "../api/registry.ts";
import { StatusError } from "../api/status-error.ts";
import { EventRecorder } from "../events/recorder.ts";
import { setCondition, withoutCondition } from "../objects/conditions.ts";
import { controllerOf, keyOf, ownedBy } from "../objects/resource.ts";
import { matcherOf } from "../objects/selectors.ts";
import { isActive, isReady, type Pod, type ReplicaSet, type ReplicaSetStatus, readyCondition } from "../objects/workloads.ts";
import { type Controller, startController } from "./controller.ts";
import { splitKey, type WorkQueue } from "./work-queue.ts";

/** Failed creations are tried again after at most this long: quota that has become free is then used. */
const longestRetry = 15_000;

/** Keeps as many pods of a ReplicaSet as its spec says, and counts them in its status. */
export function startReplicaSets(registry: Registry): Controller {
  const events = new EventRecorder(registry, { component: "replicaset-controller" });
  return startController(
    registry,
    "ReplicaSet",
    ({ object, rule }) => {
      if (rule.kind === "ReplicaSet") return [keyOf(object)];
      const owner = rule.kind === "Pod" ? controllerOf(object) : undefined;
      return owner?.kind === "ReplicaSet" ? [`${object.metadata.namespace}/${owner.name}`] : [];
    },
    () => registry.list<ReplicaSet>("ReplicaSet").map(keyOf),
    (key, queue) => reconcile(registry, events, key, queue),
  );
}

function reconcile(registry: Registry, events: EventRecorder, key: string, queue: WorkQueue): void {
  const [namespace, name] = splitKey(key);
  const set = registry.find<ReplicaSet>("ReplicaSet", namespace, name);
  if (!set) {
    queue.forget(key);
    return;
  }
  const before = registry.controlledBy<Pod>("Pod", set).filter(isActive);
  const failure = set.metadata.deletionTimestamp ? undefined : adjustPods(registry, events, set, before);
  if (failure) queue.retry(key, longestRetry);
  else queue.forget(key);
  const pods = registry.controlledBy<Pod>("Pod", set).filter(isActive);
  const status = statusOf(set, pods, failure);
  registry.change<ReplicaSet>(
    "ReplicaSet",
    set,
    (draft) => {
      if (!isDeepStrictEqual(draft.status, status)) draft.status = status;
    },
    "status",
  );
  lookWhenAvailable(set, pods, key, queue);
}

interface Failure {
  reason: "FailedCreate" | "FailedDelete";
  message: string;
}

function adjustPods(registry: Registry, events: EventRecorder, set: ReplicaSet, pods: Pod[]): Failure | undefined {
  const missing = set.spec.replicas - pods.length;
  if (missing > 0) return createPods(registry, events, set, missing);
  for (const pod of firstToGo(pods).slice(0, Math.max(0, -missing))) {
    registry.delete(ruleFor("Pod"), pod.metadata.namespace, pod.metadata.name);
    events.normal(set, "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  }
  return undefined;
}

function createPods(registry: Registry, events: EventRecorder, set: ReplicaSet, count: number): Failure | undefined {
  const { metadata, spec } = set.spec.template;
  for (let created = 0; created < count; created += 1) {
    try {
      const pod = registry.create<Pod>({
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          generateName: `${set.metadata.name}-`,
          namespace: set.metadata.namespace as string,
          labels: { ...metadata?.labels },
          ...(metadata?.annotations && { annotations: { ...metadata.annotations } }),
          ownerReferences: [ownedBy(set)],
        },
        spec,
      });
      events.normal(set, "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      // A namespace that is being deleted will take the ReplicaSet with it: not worth an event.
      if (error.details?.causes?.some((cause) => cause.reason === "NamespaceTerminating")) return undefined;
      events.warning(set, "FailedCreate", `Error creating: ${error.message}`);
      return { reason: "FailedCreate", message: error.message };
    }
  }
  return undefined;
}

/** Pods on no node first, then those not ready, then the youngest. */
function firstToGo(pods: Pod[]): Pod[] {
  const rank = (pod: Pod) => (pod.spec.nodeName ? 4 : 0) + (pod.status.phase === "Running" ? 2 : 0) + (isReady(pod) ? 1 : 0);
  const born = (pod: Pod) => pod.metadata.creationTimestamp;
  return pods.toSorted((a, b) => rank(a) - rank(b) || born(b).localeCompare(born(a)));
}

function statusOf(set: ReplicaSet, pods: Pod[], failure: Failure | undefined): ReplicaSetStatus {
  const labelled = matcherOf({ matchLabels: set.spec.template.metadata?.labels ?? {} });
  const counts = {
    fullyLabeledReplicas: pods.filter((pod) => labelled(pod.metadata.labels)).length,
    readyReplicas: pods.filter(isReady).length,
    availableReplicas: pods.filter((pod) => availableIn(pod, set.spec.minReadySeconds) <= 0).length,
  };
  const conditions = failure
    ? setCondition(set.status?.conditions, { type: "ReplicaFailure", status: "True", reason: failure.reason, message: failure.message })
    : withoutCondition(set.status?.conditions, "ReplicaFailure");
  return {
    replicas: pods.length,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    observedGeneration: set.metadata.generation ?? 1,
    ...(conditions.length > 0 && { conditions }),
  };
}

/** Milliseconds until a pod counts as available; 0 or less when it does, Infinity while it is not ready. */
function availableIn(pod: Pod, minReadySeconds = 0): number {
  if (!isReady(pod)) return Number.POSITIVE_INFINITY;
  if (minReadySeconds === 0) return 0;
  return Date.parse(readyCondition(pod)?.lastTransitionTime ?? "") + minReadySeconds * 1000 - Date.now();
}

function lookWhenAvailable(set: ReplicaSet, pods: Pod[], key: string, queue: WorkQueue): void {
  const waits = pods.map((pod) => availableIn(pod, set.spec.minReadySeconds)).filter((wait) => wait > 0 && Number.isFinite(wait));
  if (waits.length > 0) queue.addAfter(key, Math.min(...waits) + 5);
}
