import type { Component } from "../words.ts";
import {
  type ContainerStatus,
  conditionOf,
  type EventObject,
  eventsAbout,
  isReady,
  type KubernetesCondition,
  type Pod,
  probeWords,
  secondsSince,
} from "./facts.ts";
import { type Finding, failed, inProgress, oneLine, withDetail } from "./finding.ts";
import { registrationSeconds } from "./grace.ts";

export const instanceReady: Finding = { type: "READY", status: "True", reason: "Ready", message: "ready", final: false };

/** Every container runs; whether the instance may have traffic is its readiness. */
export function readinessFinding(pod: Pod, component: Component, allEvents: readonly EventObject[], now: number): Finding {
  if (isReady(pod)) return instanceReady;
  const ready = conditionOf(pod.status, "Ready");
  const waiting = (pod.status?.containerStatuses ?? []).find((container) => !container.ready);
  if (waiting) return notReady(pod, waiting, component, eventsAbout(pod, allEvents));
  if (ready?.reason === "ReadinessGatesNotReady") return gateClosed(pod, ready, now);
  if (isNodeLost(pod, ready)) return nodeLost(pod);
  return failedOrNot(ready, undefined, ready?.reason ?? "ContainersNotReady", withDetail("not ready", oneLine(ready?.message)));
}

/** A kubelet writes both at once. Who takes readiness away from containers that are ready is the controller of nodes. */
const isNodeLost = (pod: Pod, ready: KubernetesCondition | undefined): boolean =>
  ready?.status === "False" && conditionOf(pod.status, "ContainersReady")?.status === "True";

function nodeLost({ spec }: Pod): Finding {
  const text = `node ${spec?.nodeName} does not report, and its instance counts as not ready; if it stays away, the cluster replaces it`;
  return failed("READY", "NodeNotReady", text, false);
}

function notReady(pod: Pod, container: ContainerStatus, component: Component, events: EventObject[]): Finding {
  const ready = conditionOf(pod.status, "Ready");
  const probe = events.find((event) => event.reason === "Unhealthy" && event.message?.startsWith("Readiness probe"));
  const where = container.name === component ? "" : `container ${container.name}: `;
  const words = probe && probeWords(oneLine(probe.message), pod, container.name, "readinessProbe");
  const text = words ? `the server runs but is not ready: ${words}` : "the server runs and is not ready yet";
  return failedOrNot(ready, container.state?.running?.startedAt, "ContainersNotReady", `${where}${text}`);
}

/** Not ready yet is progress; not ready any more is a failure. Kubernetes dates the condition by its last change. */
function failedOrNot(ready: KubernetesCondition | undefined, startedAt: string | undefined, reason: string, text: string): Finding {
  const lost = startedAt !== undefined && Date.parse(ready?.lastTransitionTime ?? "") > Date.parse(startedAt);
  return lost ? failed("READY", reason, text, false) : inProgress("READY", reason, text);
}

/** For instance `target-health.elbv2.k8s.aws/…`: the load balancer has not taken the instance up. */
function gateClosed(pod: Pod, ready: KubernetesCondition, now: number): Finding {
  const text = withDetail("the load balancer has not taken the instance up yet", oneLine(ready.message));
  const since = conditionOf(pod.status, "ContainersReady")?.lastTransitionTime;
  if (secondsSince(since, now) < registrationSeconds) return inProgress("READY", "ReadinessGatesNotReady", text);
  return failed("READY", "ReadinessGatesNotReady", text, false);
}
