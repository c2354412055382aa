import {
  conditionOf,
  type DeploymentObject,
  type EventObject,
  eventsAbout,
  type KubernetesCondition,
  type Pod,
  secondsSince,
} from "./facts.ts";
import { type Finding, failed, inProgress, oneLine, withDetail } from "./finding.ts";
import { isFinal } from "./grace.ts";

/** No pod could be made at all: quota, admission, pod security. */
export function creationFinding(deployment: DeploymentObject, replicaSets: DeploymentObject[], now: number): Finding | undefined {
  const failure = [deployment, ...replicaSets].map(({ status }) => conditionOf(status, "ReplicaFailure")).find(isTrue);
  if (failure?.reason === "FailedCreate") return refusal(failure, "FailedCreate", now);
  const progressing = conditionOf(deployment.status, "Progressing");
  if (progressing?.status === "False" && progressing.reason === "ReplicaSetCreateError") {
    return refusal(progressing, "ReplicaSetCreateError", now);
  }
  return undefined;
}

/**
 * Two requests met at one quota, or it was not counted in time: nobody has refused anything, and whoever asked asks again, with
 * many at once more than once.
 */
const isPassing = (words: string): boolean =>
  /resourcequotas .*the object has been modified|resource quota evaluation timed out/.test(words);

/** Of an instance that was not made, whose name is another one at each attempt. */
const namelessly = (words: string): string => words.replace(/^pods "[^"]*" is forbidden: /, "");

function refusal({ message, lastTransitionTime }: KubernetesCondition, reason: string, now: number): Finding {
  const words = namelessly(oneLine(message));
  const hint = /exceeded quota/.test(words) ? " (free some of the namespace's quota, or have it raised)" : "";
  return failed(
    "SCHEDULED",
    reason,
    `${withDetail("the cluster refuses to create instances", words)}${hint}`,
    !isPassing(words) && isFinal(reason, secondsSince(lastTransitionTime, now)),
  );
}

/** undefined once the pod has its node. */
export function schedulingFinding(pod: Pod, events: readonly EventObject[], now: number): Finding | undefined {
  const disruption = conditionOf(pod.status, "DisruptionTarget");
  if (isTrue(disruption)) {
    const reason = disruption?.reason ?? "DisruptionTarget";
    return inProgress("SCHEDULED", reason, withDetail(`instance ${pod.metadata.name} is being moved`, oneLine(disruption?.message)));
  }
  const scheduled = conditionOf(pod.status, "PodScheduled");
  if (isTrue(scheduled) || pod.spec?.nodeName) return undefined;
  const reason = scheduled?.reason;
  if (reason === "SchedulingGated") return inProgress("SCHEDULED", reason, "a scheduling gate holds the instance back");
  if (reason !== "Unschedulable" && reason !== "SchedulerError") return inProgress("SCHEDULED", "Pending", "waiting for the scheduler");
  return unschedulable(pod, scheduled, reason, eventsAbout(pod, events), now);
}

function unschedulable(pod: Pod, scheduled: KubernetesCondition | undefined, reason: string, events: EventObject[], now: number): Finding {
  const words = schedulerWords(scheduled?.message ?? events.find((event) => event.reason === "FailedScheduling")?.message);
  const nodes = newestNodeEvent(events);
  if (nodes && nodesOnTheirWay.includes(nodes.reason ?? "")) {
    return inProgress(
      "SCHEDULED",
      nodes.reason ?? reason,
      withDetail(`no node has room, one is on its way (${oneLine(nodes.message)})`, words),
    );
  }
  const refused = nodes ? `; no node will be added: ${oneLine(nodes.message)}` : "";
  const since = scheduled?.lastTransitionTime ?? pod.metadata.creationTimestamp;
  return failed("SCHEDULED", reason, `${withDetail("no node has room", words)}${refused}`, isFinal(reason, secondsSince(since, now)));
}

/** What autoscalers of nodes say about a pod: Karpenter and EKS Auto Mode, Cluster Autoscaler. */
const nodesOnTheirWay: readonly string[] = ["Nominated", "TriggeredScaleUp"];
const noNodeWillCome: readonly string[] = ["NotTriggerScaleUp", "NoCompatibleInstanceTypes"];

function newestNodeEvent(events: EventObject[]): EventObject | undefined {
  return events.find(({ reason }) => nodesOnTheirWay.includes(reason ?? "") || noNodeWillCome.includes(reason ?? ""));
}

/** The scheduler adds what preemption would not bring; only the reasons help a person. */
function schedulerWords(message: string | undefined): string {
  return oneLine(message).replace(/\.? ?(no new claims to deallocate, )?preemption:.*$/, "");
}

function isTrue(condition: KubernetesCondition | undefined): boolean {
  return condition?.status === "True";
}
