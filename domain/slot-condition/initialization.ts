import { storageInitializerContainer } from "../names.ts";
import { type ContainerStatus, conditionOf, type EventObject, eventsAbout, type Pod, secondsSince, type Termination } from "./facts.ts";
import { type Finding, failed, inProgress, oneLine, tellingLine, withDetail } from "./finding.ts";
import { isFinal, restartsUntilFinal } from "./grace.ts";
import { imageFinding, imageOf } from "./image.ts";
import { terminationOf } from "./termination.ts";

/** undefined once volumes are there, images pulled and every init container has done its work. */
export function initializationFinding(pod: Pod, allEvents: readonly EventObject[], now: number): Finding | undefined {
  const events = eventsAbout(pod, allEvents);
  const inits = pod.status?.initContainerStatuses ?? [];
  const containers = pod.status?.containerStatuses ?? [];
  for (const container of [...inits, ...containers]) {
    const finding = imageFinding(pod, container, events, now);
    if (finding) return inContainer(finding, container, inits);
  }
  for (const container of inits) {
    const finding = initContainerFinding(pod, container, events, now);
    if (finding) return finding;
  }
  const waiting = containers.find(isWaitingForStart);
  if (waiting) return waitingFinding(pod, waiting, events, now);
  return containers.length > 0 ? undefined : waitingFinding(pod, undefined, events, now);
}

function isWaitingForStart({ state, lastState }: ContainerStatus): boolean {
  const reason = state?.waiting?.reason;
  if (lastState?.terminated || state?.running || state?.terminated) return false;
  return reason === undefined || reason === "ContainerCreating" || reason === "PodInitializing";
}

/** Nothing has started: a volume or the sandbox is not there, or the image is on its way. */
function waitingFinding(pod: Pod, container: ContainerStatus | undefined, events: EventObject[], now: number): Finding {
  const readyToStart = conditionOf(pod.status, "PodReadyToStartContainers")?.status === "True";
  const obstacle = readyToStart ? undefined : events.find(({ reason }) => obstacles[reason ?? ""]);
  if (obstacle?.reason) return obstacleFinding(pod, obstacle.reason, obstacle, now);
  const pulling = events.find(({ reason }) => reason === "Pulling" || reason === "Pulled");
  if (container && pulling?.reason === "Pulling")
    return inProgress("INITIALIZED", "Pulling", `image ${imageOf(pod, container)} is being pulled`);
  return inProgress("INITIALIZED", container?.state?.waiting?.reason ?? "ContainerCreating", "the instance is being set up on its node");
}

const obstacles: Readonly<Record<string, string>> = {
  FailedMount: "a volume cannot be mounted",
  FailedAttachVolume: "a volume cannot be attached",
  FailedCreatePodSandBox: "the node cannot set up the instance's network",
};

function obstacleFinding(pod: Pod, reason: string, { message }: EventObject, now: number): Finding {
  const text = withDetail(obstacles[reason] ?? reason, oneLine(message));
  if (reason === "FailedCreatePodSandBox") return inProgress("INITIALIZED", reason, text);
  return failed("INITIALIZED", reason, text, isFinal(reason, secondsSince(pod.status?.startTime, now)));
}

/** undefined once the init container has ended well. */
function initContainerFinding(pod: Pod, container: ContainerStatus, events: EventObject[], now: number): Finding | undefined {
  const { state, restartCount = 0 } = container;
  if (state?.terminated?.exitCode === 0) return undefined;
  const termination = terminationOf(container);
  if (termination && termination.exitCode !== 0) return initFailure(container, termination, restartCount);
  const waiting = state?.waiting?.reason;
  if (waiting && waiting !== "PodInitializing" && waiting !== "ContainerCreating") {
    const text = withDetail(`${taskOf(container)} cannot start in container ${container.name}`, oneLine(state.waiting?.message));
    return failed("INITIALIZED", waiting, text, isFinal(waiting, secondsSince(pod.status?.startTime, now)));
  }
  if (state?.running) return inProgress("INITIALIZED", "PodInitializing", `${taskOf(container)} runs in container ${container.name}`);
  return waitingFinding(pod, container, events, now);
}

function initFailure(container: ContainerStatus, termination: Termination, restarts: number): Finding {
  const reason = container.state?.waiting?.reason === "CrashLoopBackOff" ? "CrashLoopBackOff" : (termination.reason ?? "Error");
  const what =
    termination.reason === "OOMKilled"
      ? `${taskOf(container)} ran out of memory in container ${container.name}`
      : `${taskOf(container)} failed in container ${container.name} with exit code ${termination.exitCode}`;
  return failed("INITIALIZED", reason, withDetail(what, tellingLine(termination.message)), restarts >= restartsUntilFinal.initContainer);
}

function taskOf({ name }: ContainerStatus): string {
  return name === storageInitializerContainer ? "model download" : "initialization";
}

function inContainer(finding: Finding, { name }: ContainerStatus, inits: ContainerStatus[]): Finding {
  return inits.some((init) => init.name === name) ? { ...finding, message: `container ${name}: ${finding.message}` } : finding;
}
