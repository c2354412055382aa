import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels } from "../../domain/names.ts";
import { secretsOwner } from "../../domain/secrets-owner.ts";
import { type Component, components } from "../../domain/words.ts";

/** One container of an instance, as far as its log goes. */
export interface LoggedContainer {
  instance: string;
  component: Component;
  revision: number | null;
  container_name: string;
  /** Which run of it the node gives: runs are counted from 0. null: it has not run yet. */
  run: number | null;
  /** The run before, which the node gives as `previous`; null when it gives none. */
  previous_run: number | null;
  /** Nothing comes any more in the run that is. */
  has_ended: boolean;
  /** Why it has not run; the node's own words. */
  waiting: string;
  /** The revision whose secrets it may know; undefined when it has none. */
  secrets_of: number | undefined;
}

interface ContainerStatus {
  name: string;
  restartCount?: number;
  state?: { running?: object; terminated?: object; waiting?: { reason?: string; message?: string } };
  lastState?: { terminated?: { containerID?: string } };
}
interface PodParts {
  spec?: { initContainers?: { name: string }[]; containers?: { name: string }[]; nodeName?: string };
  status?: { initContainerStatuses?: ContainerStatus[]; containerStatuses?: ContainerStatus[] };
}

/** Init containers first, which is the order in which they run. */
export function containersIn(pod: KubernetesObject): LoggedContainer[] {
  const { spec, status } = pod as PodParts;
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const names = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) => name);
  const own = pod.metadata.labels ?? {};
  const revision = Number(own[labels.revision]);
  const secrets_of = secretsOwner(pod)?.revision;
  return names.map((container_name) => ({
    instance: pod.metadata.name as string,
    component: components.find((component) => component === own[labels.component]) ?? "predictor",
    revision: Number.isInteger(revision) ? revision : null,
    container_name,
    secrets_of,
    ...runsOf(
      statuses.find(({ name }) => name === container_name),
      spec?.nodeName,
    ),
  }));
}

/** While a container waits, the log that the node gives is that of the run that ended last, whether `previous` is asked for or not. */
function runsOf(status: ContainerStatus | undefined, node: string | undefined) {
  const restarts = status?.restartCount ?? 0;
  const hasLast = status?.lastState?.terminated !== undefined;
  const present = status?.state?.running ?? status?.state?.terminated;
  const { reason, message } = status?.state?.waiting ?? {};
  const unplaced = node === undefined ? "it has no node yet" : "it is being created";
  return {
    run: present || hasLast ? restarts : null,
    previous_run: hasLast ? (present ? restarts - 1 : restarts) : null,
    has_ended: status?.state?.running === undefined,
    waiting: [reason, message].filter(Boolean).join(": ") || unplaced,
  };
}
