import type { ComponentFacts } from "../kubernetes.ts";
import type { Component } from "../words.ts";
import { conditionOf, type DeploymentObject, type EventObject, hasEnded, isReady, isTerminating, type Pod } from "./facts.ts";
import { type Finding, inProgress, oneLine, withDetail, worst } from "./finding.ts";
import { initializationFinding } from "./initialization.ts";
import { instanceReady, readinessFinding } from "./readiness.ts";
import { creationFinding, schedulingFinding } from "./scheduling.ts";
import { startFinding } from "./start.ts";

export interface ComponentView {
  component: Component;
  deployment: DeploymentObject | null;
  replicaSets: DeploymentObject[];
  pods: Pod[];
  events: EventObject[];
  /** Instances that are needed: what was asked for, or what the HPA has made of it, whichever is more. */
  needed: number;
}

/** Reads the API's objects as what they are. */
export function viewOf(component: Component, facts: ComponentFacts, desired: number): ComponentView {
  const deployment = facts.deployment as DeploymentObject | null;
  return {
    component,
    deployment,
    replicaSets: facts.replica_sets as unknown as DeploymentObject[],
    pods: facts.pods as unknown as Pod[],
    events: facts.events as unknown as EventObject[],
    needed: Math.max(desired, deployment?.spec?.replicas ?? 0),
  };
}

/** The worst of what is to be said about a component. */
export function componentFinding(view: ComponentView, now: number): Finding {
  const { deployment, replicaSets, component, events, needed } = view;
  if (!deployment) return inProgress("SCHEDULED", "DeploymentMissing", "its Deployment is not in the cluster");
  const pods = view.pods.filter((pod) => !isTerminating(pod) && !hasEnded(pod));
  const missing = pods.length < needed;
  const refused = missing ? creationFinding(deployment, replicaSets, now) : undefined;
  const findings = pods.map((pod) => podFinding(pod, component, events, now));
  if (refused) findings.unshift(refused);
  else if (missing) findings.push(missingFinding(view, pods.length));
  const finding = worst(findings) ?? {
    ...instanceReady,
    reason: "ScaledToZero",
    message: "ready with no instance: the first request starts one",
  };
  const counted = finding.status === "True" ? finding : takenAway(view, countedFinding(finding, findings, pods.length));
  return pastDeadline(deployment, counted.status === "True" ? settled(view, counted) : counted);
}

function podFinding(pod: Pod, component: Component, events: readonly EventObject[], now: number): Finding {
  return (
    schedulingFinding(pod, events, now) ??
    initializationFinding(pod, events, now) ??
    startFinding(pod, component, events, now) ??
    readinessFinding(pod, component, events, now)
  );
}

/** A pod that ended for ever says why there is one too few. */
function missingFinding({ pods, needed }: ComponentView, there: number): Finding {
  const ended = pods.find((pod) => hasEnded(pod) && pod.status?.phase === "Failed");
  if (ended) {
    const reason = ended.status?.reason ?? "PodFailed";
    return inProgress(
      "SCHEDULED",
      reason,
      withDetail(`instance ${ended.metadata.name} was lost (${reason})`, oneLine(ended.status?.message)),
    );
  }
  return inProgress("SCHEDULED", "Pending", there === 0 ? "no instance has been created yet" : `${there} of ${needed} instances created`);
}

/** What is under way again has its cause in who left: an eviction, a node that is emptied, a preemption. */
function takenAway({ pods }: ComponentView, finding: Finding): Finding {
  if (finding.status !== "Unknown") return finding;
  for (const pod of pods.filter(isTerminating)) {
    const disruption = conditionOf(pod.status, "DisruptionTarget");
    if (disruption?.status !== "True") continue;
    const cause = withDetail(disruption.reason ?? "DisruptionTarget", oneLine(disruption.message));
    return { ...finding, message: `${finding.message}; instance ${pod.metadata.name} is taken away (${cause})` };
  }
  return finding;
}

function countedFinding(finding: Finding, findings: readonly Finding[], pods: number): Finding {
  const same = findings.filter(
    ({ type, reason, status }) => type === finding.type && reason === finding.reason && status === finding.status,
  );
  if (pods < 2 || finding.reason === "Pending") return finding;
  return { ...finding, message: `${finding.message} (${same.length} of ${pods} instances)` };
}

/** Pods can be ready a moment before the Deployment's controller has counted them, or before it has seen the newest size. */
function settled({ deployment, needed, pods }: ComponentView, ready: Finding): Finding {
  const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment?.status ?? {};
  const seen = observedGeneration >= (deployment?.metadata.generation ?? 0);
  if (!seen) return inProgress("READY", "GenerationNotObserved", "the cluster has not taken up the newest size yet");
  const least = Math.min(updatedReplicas, availableReplicas, pods.filter(isReady).length);
  if (least < needed) return inProgress("READY", "MinimumReplicasUnavailable", `${least} of ${needed} instances are available`);
  return ready;
}

/** The Deployment's own deadline, a little after the operation's, makes of any progress a failure. */
function pastDeadline(deployment: DeploymentObject, finding: Finding): Finding {
  const progressing = conditionOf(deployment.status, "Progressing");
  if (finding.status === "True" || progressing?.status !== "False" || progressing.reason !== "ProgressDeadlineExceeded") return finding;
  const reason = finding.status === "Unknown" ? "ProgressDeadlineExceeded" : finding.reason;
  return { ...finding, status: "False", reason, message: `not ready by its deadline: ${finding.message}`, final: true };
}
