import { timestamp } from "../objects/resource.ts";
import type { ContainerStatus, Pod, PodCondition, PodStatus } from "../objects/workloads.ts";

export interface NodeView {
  sandboxReady: boolean;
  podIP: string | undefined;
  hostIP: string;
  startTime: string;
  initStatuses: ContainerStatus[];
  statuses: ContainerStatus[];
  /** Set when the kubelet will do no more for the pod. */
  ended: boolean;
  eviction: string | undefined;
}

/** The status of a pod as its kubelet reports it, from the states of its containers. */
export function podStatus(pod: Pod, view: NodeView): PodStatus {
  const phase = phaseOf(pod, view);
  const { conditions: before, observedGeneration: _, ...kept } = pod.status;
  const own = [sandboxCondition(view), initializedCondition(view, phase), ...readyConditions(pod, view, phase)];
  const ownTypes = own.map(({ type }) => type);
  const others = (before ?? []).filter(({ type }) => !ownTypes.includes(type));
  return {
    ...kept,
    observedGeneration: pod.metadata.generation ?? 1,
    phase,
    ...(view.eviction !== undefined && { reason: "Evicted", message: view.eviction }),
    conditions: [...own.map((condition) => withTimes(condition, before)), ...others],
    hostIP: view.hostIP,
    hostIPs: [{ ip: view.hostIP }],
    ...(view.podIP && { podIP: view.podIP, podIPs: [{ ip: view.podIP }] }),
    startTime: view.startTime,
    ...(view.initStatuses.length > 0 && { initContainerStatuses: view.initStatuses }),
    containerStatuses: view.statuses.toSorted((a, b) => a.name.localeCompare(b.name)),
  };
}

function phaseOf(pod: Pod, { initStatuses, statuses, ended, eviction }: NodeView): string {
  if (eviction !== undefined && statuses.every((status) => !status.state?.running)) return "Failed";
  const policy = pod.spec.restartPolicy;
  // Of a pod that is to go nothing starts again: with its last container it has ended.
  const isOver = ended || (pod.metadata.deletionTimestamp && statuses.every((status) => status.state?.terminated));
  if (isOver) return [...initStatuses, ...statuses].every((status) => status.state?.terminated?.exitCode === 0) ? "Succeeded" : "Failed";
  const failedInit = initStatuses.some((status) => (status.state?.terminated?.exitCode ?? 0) !== 0);
  if (failedInit && policy === "Never") return "Failed";
  if (initStatuses.some((status) => !status.ready)) return "Pending";
  if (statuses.some((status) => status.state?.waiting && !status.lastState?.terminated)) return "Pending";
  if (statuses.some((status) => status.state?.running)) return "Running";
  if (policy === "Always") return "Running";
  const stopped = statuses.map((status) => status.state?.terminated ?? status.lastState?.terminated);
  if (stopped.every((state) => state?.exitCode === 0)) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}

type Judged = Pick<PodCondition, "type" | "status" | "reason" | "message">;

function sandboxCondition({ sandboxReady }: NodeView): Judged {
  return { type: "PodReadyToStartContainers", status: sandboxReady ? "True" : "False" };
}

function initializedCondition({ initStatuses, statuses }: NodeView, phase: string): Judged {
  const incomplete = initStatuses.filter((status) => !status.ready).map((status) => status.name);
  if (phase === "Succeeded") return { type: "Initialized", status: "True", reason: "PodCompleted" };
  if (incomplete.length === 0 || statuses.some((status) => status.started)) return { type: "Initialized", status: "True" };
  return {
    type: "Initialized",
    status: "False",
    reason: "ContainersNotInitialized",
    message: `containers with incomplete status: [${incomplete.join(" ")}]`,
  };
}

function readyConditions(pod: Pod, { statuses }: NodeView, phase: string): Judged[] {
  const containers = judgeContainers(statuses, phase);
  const missingGates = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = pod.status.conditions?.find(({ type }) => type === conditionType);
    if (!gate) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return gate.status === "True" ? [] : [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  const ready =
    containers.status === "True" && missingGates.length > 0
      ? { status: "False" as const, reason: "ReadinessGatesNotReady", message: missingGates.join(", ") }
      : containers;
  return [
    { type: "Ready", ...ready },
    { type: "ContainersReady", ...containers },
  ];
}

function judgeContainers(statuses: ContainerStatus[], phase: string): Omit<Judged, "type"> {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const unready = statuses.filter((status) => !status.ready).map((status) => status.name);
  if (unready.length === 0) return { status: "True" };
  return { status: "False", reason: "ContainersNotReady", message: `containers with unready status: [${unready.join(" ")}]` };
}

function withTimes(condition: Judged, before: PodCondition[] | undefined): PodCondition {
  const last = before?.find(({ type }) => type === condition.type);
  const lastTransitionTime = last?.status === condition.status && last.lastTransitionTime ? last.lastTransitionTime : timestamp();
  return { ...condition, lastProbeTime: null as unknown as string, lastTransitionTime };
}
