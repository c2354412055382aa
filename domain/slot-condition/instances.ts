import type { Amounts, Instance, ObservedComponent } from "../observed.ts";
import type { Component, SlotName } from "../words.ts";
import type { ComponentView } from "./component.ts";
import { type ContainerStatus, isReady, isTerminating, type Pod } from "./facts.ts";
import { tellingLine } from "./finding.ts";
import { signalOf, terminationOf } from "./termination.ts";

/** The pods of a component, in the order of their names, and how many of them may have traffic. */
export function observedComponent({ pods, component, needed }: ComponentView, slot: SlotName, revision: number): ObservedComponent {
  const sorted = [...pods].sort((one, other) => ((one.metadata.name ?? "") < (other.metadata.name ?? "") ? -1 : 1));
  return {
    // Scaled down by hand, it still needs what it needs: with no instance an autoscaler would not wake it.
    desired: needed,
    ready: pods.filter(isReady).length,
    instances: sorted.map((pod) => instanceOf(pod, component, slot, revision)),
  };
}

export function instanceOf(pod: Pod, component: Component, slot: SlotName, revision: number): Instance {
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return {
    name: pod.metadata.name ?? "",
    component,
    slot,
    revision,
    phase: isTerminating(pod) ? "Terminating" : (pod.status?.reason ?? pod.status?.phase ?? "Pending"),
    ready: isReady(pod),
    restarts: containers.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    node: pod.spec?.nodeName ?? null,
    started_at: instantOf(pod.status?.startTime),
    resources: resourcesOf(pod, component),
    last_termination: lastTermination(pod),
  };
}

/** Of the container that serves: others (a mesh's proxy, for instance) are not what was asked for. */
function resourcesOf({ spec }: Pod, component: Component): Amounts | null {
  const own = spec?.containers?.find(({ name }) => name === component);
  if (!own) return null;
  const texts = (amounts: object = {}) => Object.fromEntries(Object.entries(amounts).map(([name, quantity]) => [name, String(quantity)]));
  return { requests: texts(own.resources?.requests), limits: texts(own.resources?.limits) };
}

/** The newest end of any of the containers that was not the end of an init container's work. */
function lastTermination({ status: { initContainerStatuses = [], containerStatuses = [] } = {} }: Pod): Instance["last_termination"] {
  const isDone = (container: ContainerStatus) => terminationOf(container)?.exitCode === 0;
  const ends = [...initContainerStatuses.filter((container) => !isDone(container)), ...containerStatuses]
    .map(terminationOf)
    .filter((end) => end !== undefined)
    .sort((one, other) => Date.parse(other.finishedAt ?? "") - Date.parse(one.finishedAt ?? ""));
  const end = ends[0];
  if (!end) return null;
  return {
    reason: end.reason ?? "Error",
    exit_code: end.exitCode,
    signal: signalOf(end),
    message: tellingLine(end.message) || null,
    at: instantOf(end.finishedAt),
  };
}

/** Kubernetes tells whole seconds; every time of ours has milliseconds. null when there is none, or none that can be read. */
function instantOf(time: string | undefined): string | null {
  const milliseconds = Date.parse(time ?? "");
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
}
