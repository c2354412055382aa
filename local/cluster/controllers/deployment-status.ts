import { findCondition, setCondition, withoutCondition } from "../objects/conditions.ts";
import type { Condition } from "../objects/resource.ts";
import type { Deployment, DeploymentStatus, ReplicaSet } from "../objects/workloads.ts";
import { allowances, sum } from "./rolling-update.ts";

/** Counts and conditions of a Deployment from its ReplicaSets; `newest` is missing only before the first one exists. */
export function nextStatus(deployment: Deployment, sets: ReplicaSet[], newest: ReplicaSet | undefined, now: number): DeploymentStatus {
  const counts = {
    replicas: sum(sets, (set) => set.status?.replicas ?? 0),
    updatedReplicas: newest?.status?.replicas ?? 0,
    readyReplicas: sum(sets, (set) => set.status?.readyReplicas ?? 0),
    availableReplicas: sum(sets, (set) => set.status?.availableReplicas ?? 0),
    unavailableReplicas: 0,
  };
  counts.unavailableReplicas = Math.max(0, sum(sets, (set) => set.spec.replicas) - counts.availableReplicas);
  const conditions = nextConditions(deployment, counts, sets, newest, now);
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    conditions,
  };
}

type Counts = { replicas: number; updatedReplicas: number; readyReplicas: number; availableReplicas: number };

function nextConditions(
  deployment: Deployment,
  counts: Counts,
  sets: ReplicaSet[],
  newest: ReplicaSet | undefined,
  now: number,
): Condition[] {
  let conditions = deployment.status?.conditions ?? [];
  const progress = newest && progressOf(deployment, counts, newest, now);
  if (progress) conditions = setCondition(conditions, progress, true);
  const enough = counts.availableReplicas >= deployment.spec.replicas - allowances(deployment).unavailable;
  const available: Condition = enough
    ? { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability." }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
  if (findCondition(conditions, "Available")?.status !== available.status) conditions = setCondition(conditions, available, true);
  const failure =
    findCondition(newest?.status?.conditions, "ReplicaFailure") ??
    sets.map((set) => findCondition(set.status?.conditions, "ReplicaFailure")).find(Boolean);
  if (!failure) return withoutCondition(conditions, "ReplicaFailure");
  const known = findCondition(conditions, "ReplicaFailure");
  if (known?.message === failure.message && known?.reason === failure.reason) return conditions;
  return setCondition(conditions, failure, true);
}

/** The next Progressing condition; undefined while the present one still says what is so. */
function progressOf(deployment: Deployment, counts: Counts, newest: ReplicaSet, now: number): Condition | undefined {
  const current = findCondition(deployment.status?.conditions, "Progressing");
  const condition = (status: "True" | "False", reason: string, message: string): Condition => ({
    type: "Progressing",
    status,
    reason,
    message,
  });
  const { name } = newest.metadata;
  if (!current) return condition("True", "NewReplicaSetCreated", `Created new replica set "${name}"`);
  const wasComplete = current.reason === "NewReplicaSetAvailable" && counts.replicas === counts.updatedReplicas;
  if (wasComplete && current.message?.includes(`"${name}"`)) return undefined;
  const wanted = deployment.spec.replicas;
  const complete = counts.updatedReplicas === wanted && counts.replicas === wanted && counts.availableReplicas === wanted;
  if (complete) return condition("True", "NewReplicaSetAvailable", `ReplicaSet "${name}" has successfully progressed.`);
  if (hasAdvanced(deployment.status, counts)) return condition("True", "ReplicaSetUpdated", `ReplicaSet "${name}" is progressing.`);
  const deadline = deadlineOf(deployment, deployment.status);
  if (deadline === undefined || now < deadline || current.reason === "ProgressDeadlineExceeded") return undefined;
  return condition("False", "ProgressDeadlineExceeded", `ReplicaSet "${name}" has timed out progressing.`);
}

function hasAdvanced(before: DeploymentStatus | undefined, counts: Counts): boolean {
  const old = (status: { replicas?: number; updatedReplicas?: number }) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    counts.updatedReplicas > (before?.updatedReplicas ?? 0) ||
    old(counts) < old(before ?? {}) ||
    counts.readyReplicas > (before?.readyReplicas ?? 0) ||
    counts.availableReplicas > (before?.availableReplicas ?? 0)
  );
}

/** When the deployment counts as stuck, in milliseconds; undefined when it is complete or has no deadline. */
export function deadlineOf(deployment: Deployment, status: DeploymentStatus | undefined): number | undefined {
  const progressing = findCondition(status?.conditions, "Progressing");
  const seconds = deployment.spec.progressDeadlineSeconds;
  const settled = ["NewReplicaSetAvailable", "ProgressDeadlineExceeded"].includes(progressing?.reason ?? "");
  if (!progressing?.lastUpdateTime || seconds === undefined || settled) return undefined;
  return Date.parse(progressing.lastUpdateTime) + seconds * 1000;
}
