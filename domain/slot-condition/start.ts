import type { Component } from "../words.ts";
import {
  type ContainerStatus,
  conditionOf,
  type EventObject,
  eventsAbout,
  type Pod,
  probeWords,
  secondsSince,
  type Termination,
  timeOf,
} from "./facts.ts";
import { type Finding, failed, inProgress, oneLine, tellingLine, withDetail } from "./finding.ts";
import { isFinal, restartsUntilFinal } from "./grace.ts";
import { exitWords, terminationOf } from "./termination.ts";

/** undefined once every container runs and has answered its startup probe. */
export function startFinding(pod: Pod, component: Component, allEvents: readonly EventObject[], now: number): Finding | undefined {
  const events = eventsAbout(pod, allEvents);
  for (const container of pod.status?.containerStatuses ?? []) {
    const finding = containerFinding(pod, container, events, now);
    if (finding) return container.name === component ? finding : { ...finding, message: `container ${container.name}: ${finding.message}` };
  }
  return undefined;
}

function containerFinding(pod: Pod, container: ContainerStatus, events: EventObject[], now: number): Finding | undefined {
  const { state, restartCount = 0 } = container;
  if (state?.running && (container.ready || container.started)) return undefined;
  const termination = terminationOf(container);
  const waiting = state?.waiting;
  if (termination) return crash(container, termination, restartCount, events);
  if (waiting?.reason) return notMade(pod, waiting.reason, waiting.message, now);
  return inProgress("STARTED", "Starting", withDetail("the server is starting", startupProbe(pod, container.name, events)));
}

/** The container could not be made or run at all. */
function notMade(pod: Pod, reason: string, message: string | undefined, now: number): Finding {
  const initialized = conditionOf(pod.status, "Initialized");
  const since = initialized?.status === "True" ? initialized.lastTransitionTime : pod.status?.startTime;
  const what =
    reason === "CreateContainerConfigError"
      ? "the container's configuration is wrong"
      : reason === "CrashLoopBackOff"
        ? "the server ends again and again"
        : "the container cannot be started";
  return failed("STARTED", reason, withDetail(what, oneLine(message)), isFinal(reason, secondsSince(since, now)));
}

function crash(container: ContainerStatus, termination: Termination, restarts: number, events: EventObject[]): Finding {
  const times = restarts > 0 ? `, restarted ${restarts === 1 ? "once" : `${restarts} times`}` : "";
  if (termination.reason === "OOMKilled") {
    const text = `out of memory: the server needs more than its instance type has (${exitWords(termination)}${times}); choose a larger one`;
    return failed("STARTED", "OOMKilled", text, restarts >= restartsUntilFinal.outOfMemory);
  }
  const loops = container.state?.waiting?.reason === "CrashLoopBackOff" || (restarts > 0 && backedOff(container, events));
  const reason = loops ? "CrashLoopBackOff" : (container.state?.waiting?.reason ?? termination.reason ?? "Error");
  const text = withDetail(`${whatHappened(termination, events)} (${exitWords(termination)}${times})`, tellingLine(termination.message));
  return failed("STARTED", reason, text, loops || restarts >= restartsUntilFinal.crash);
}

function whatHappened(termination: Termination, events: EventObject[]): string {
  const { exitCode, reason } = termination;
  if (reason === "ContainerCannotRun" || reason === "StartError") return "the container cannot be started";
  const killing = events.find((event) => probeIn(event) && isEndedBy(event, termination));
  if (!killing) return exitCode === 0 ? "the server ended by itself" : "the server crashed";
  const missed = events.find(
    (event) => event.reason === "Unhealthy" && event.message?.toLowerCase().startsWith(`${probeIn(killing)} probe`),
  );
  return `the server was stopped: ${oneLine(missed?.message) || "it failed its probe"}`;
}

/** The probe because of which the kubelet stops a container: `liveness` or `startup`. */
const probeIn = ({ reason, message = "" }: EventObject): string | undefined =>
  reason === "Killing" ? /failed (liveness|startup) probe/.exec(message)?.[1] : undefined;

/** The kubelet writes whole seconds, and its event beside the end that it speaks of. */
const besideMilliseconds = 2_000;

/**
 * Whether this end was the kubelet's doing: a server that is asked to stop may end with any code. An event of an earlier run
 * says nothing of this one.
 */
function isEndedBy(killing: EventObject, { exitCode, startedAt, finishedAt }: Termination): boolean {
  const [from, to] = [Date.parse(startedAt ?? ""), Date.parse(finishedAt ?? "")];
  if (Number.isNaN(from) || Number.isNaN(to)) return exitCode === 137 || exitCode === 143;
  const at = timeOf(killing);
  return at >= from && at <= to + besideMilliseconds;
}

/** The kubelet's word for a crash loop: it comes before the waiting reason, which may never be seen. */
function backedOff({ name }: ContainerStatus, events: EventObject[]): boolean {
  return events.some(({ reason, message = "", involvedObject }) => {
    if (reason !== "BackOff" || !message.startsWith("Back-off restarting failed container")) return false;
    const path = involvedObject?.fieldPath;
    return path ? path.includes(`{${name}}`) : true;
  });
}

function startupProbe(pod: Pod, container: string, events: EventObject[]): string {
  const probe = events.find((event) => event.reason === "Unhealthy" && event.message?.startsWith("Startup probe"));
  return probe ? probeWords(oneLine(probe.message), pod, container, "startupProbe") : "";
}
