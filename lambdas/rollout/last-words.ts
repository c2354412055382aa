import type { KeptLog } from "../../domain/evidence.ts";
import type { KubernetesObject, SlotFacts } from "../../domain/kubernetes.ts";
import type { ContainerStatus } from "../../domain/slot-condition/facts.ts";
import { components } from "../../domain/words.ts";

/**
 * The facts with the last lines of a server's log as the message with which it ended, where the kubelet has none: it keeps
 * them of an error only, and there are servers (MLServer is one) that end with 0 when they cannot load their model.
 */
export function withLastWords(facts: SlotFacts, logs: readonly KeptLog[]): SlotFacts {
  const told = { ...facts, components: { ...facts.components } };
  for (const component of components) {
    const own = facts.components[component];
    const ofComponent = logs.filter((log) => log.component === component);
    if (own && ofComponent.length > 0) told.components[component] = { ...own, pods: own.pods.map((pod) => explained(pod, ofComponent)) };
  }
  return told;
}

function explained(pod: KubernetesObject, logs: readonly KeptLog[]): KubernetesObject {
  const { containerStatuses = [] } = (pod.status ?? {}) as { containerStatuses?: ContainerStatus[] };
  const linesOf = (name: string, previous: boolean) =>
    logs.find((log) => log.instance === pod.metadata.name && log.container_name === name && log.previous === previous)?.lines.join("\n");
  const statuses = containerStatuses.map((status) => ({
    ...status,
    state: withMessage(status.state, linesOf(status.name, false)),
    lastState: withMessage(status.lastState, linesOf(status.name, true)),
  }));
  return { ...pod, status: { ...(pod.status as object), containerStatuses: statuses } };
}

function withMessage(state: ContainerStatus["state"], message: string | undefined): ContainerStatus["state"] {
  const end = state?.terminated;
  return end && !end.message && message ? { ...state, terminated: { ...end, message } } : state;
}
