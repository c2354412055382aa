import type { Condition } from "../../domain/condition.ts";
import type { Evidence, KeptEvent, KeptLog } from "../../domain/evidence.ts";
import type { KubernetesObject, SlotFacts } from "../../domain/kubernetes.ts";
import { masked, maskedWhole } from "../../domain/masking.ts";
import { type EventObject, timeOf } from "../../domain/slot-condition/facts.ts";
import { type Component, components } from "../../domain/words.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { EvidenceStore } from "../ports/evidence.ts";
import type { WorkflowInput } from "../ports/workflows.ts";

/** In the record; the evidence bucket has the whole. */
const kept = { events: 30, lines: 50, characters: 500 };
const fetchedLines = 500;
const podsLookedAt = 3;

/** What a failed slot leaves behind: conditions, events and the last log lines that were read while its pods were still there to be asked. */
export async function evidenceOfFailure(
  evidence: EvidenceStore,
  input: WorkflowInput,
  { facts, logs, conditions }: { facts: SlotFacts; logs: KeptLog[]; conditions: Condition[] },
): Promise<Partial<Evidence>> {
  const events = eventsIn(facts);
  // Without the bucket there is still what the record takes: the cause of the failure must not be lost over it.
  const key = await evidence
    .put(input.uid, input.operation_id, "slot-failed", maskedWhole({ conditions, events, logs, facts }))
    .catch(() => null);
  const shortened = logs.map((log) => ({ ...log, lines: log.lines.slice(-kept.lines).map((line) => line.slice(0, kept.characters)) }));
  return { key, conditions, events: events.slice(-kept.events), logs: shortened };
}

/** Digests by component, as the ready pods report them: what runs is what was pulled, whatever the tag says later. */
export function digestsIn(facts: SlotFacts): Evidence["digests"] {
  const digests: Evidence["digests"] = {};
  for (const component of components) {
    for (const pod of facts.components[component]?.pods ?? []) {
      const status = containersOf(pod).find(({ name, ready }) => name === component && ready);
      const digest = status?.imageID?.replace(/^.*@/, "").replace(/^[a-z-]+:\/\//, "");
      if (digest) digests[component] ??= digest;
    }
  }
  return digests;
}

/** Those under which a registry has the image. A node tells of an image that was loaded onto it by another one, without a name. */
export function pullableDigests(facts: SlotFacts): Evidence["digests"] {
  const named = components.filter((component) =>
    (facts.components[component]?.pods ?? []).some((pod) =>
      containersOf(pod).some(({ name, ready, imageID }) => name === component && ready && /.@sha256:[0-9a-f]{64}$/.test(imageID ?? "")),
    ),
  );
  const digests = digestsIn(facts);
  return Object.fromEntries(named.map((component) => [component, digests[component]]));
}

type CountedEvent = EventObject & { count?: number; series?: { count?: number } };

/** Oldest first. Most times are told in whole seconds: within one, what was written first comes first. */
function eventsIn(facts: SlotFacts): KeptEvent[] {
  const found = components.flatMap((component) => (facts.components[component]?.events ?? []) as unknown as CountedEvent[]);
  const second = (event: EventObject) => Math.floor(timeOf(event) / 1000);
  const version = ({ metadata }: EventObject) => Number(metadata.resourceVersion ?? 0);
  const sorted = found.sort((one, other) => second(one) - second(other) || version(one) - version(other));
  return sorted.map((event) => ({
    at: new Date(timeOf(event)).toISOString(),
    object: `${event.involvedObject?.kind ?? ""}/${event.involvedObject?.name ?? ""}`,
    type: event.type ?? "",
    reason: event.reason ?? "",
    message: masked(event.message ?? ""),
    count: event.series?.count ?? event.count ?? 1,
  }));
}

export interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  imageID?: string;
  state?: { running?: object; terminated?: Ended };
  lastState?: { terminated?: Ended };
}

interface Ended {
  exitCode?: number;
  finishedAt?: string;
}

type Statuses = Record<"initContainerStatuses" | "containerStatuses", ContainerStatus[] | undefined>;
const statusesOf = (pod: KubernetesObject): Partial<Statuses> => (pod.status ?? {}) as Partial<Statuses>;

export function containersOf(pod: KubernetesObject): ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [] } = statusesOf(pod);
  return [...initContainerStatuses, ...containerStatuses];
}

/** Of containers that are not ready: the run before, where there was one, and the one that is. */
export async function logsOf(cluster: Cluster, namespace: string, facts: SlotFacts): Promise<KeptLog[]> {
  const asked: Promise<KeptLog | undefined>[] = [];
  for (const component of components) {
    const pods = (facts.components[component]?.pods ?? []).filter((pod) => failedIn(pod).length > 0).slice(0, podsLookedAt);
    for (const pod of pods) {
      for (const status of failedIn(pod)) {
        if (status.lastState?.terminated) asked.push(logOf(cluster, namespace, pod, component, status.name, true));
        const hasOwnLog = status.state?.running !== undefined || status.state?.terminated !== undefined;
        if (hasOwnLog) asked.push(logOf(cluster, namespace, pod, component, status.name, false));
      }
    }
  }
  return (await Promise.all(asked)).filter((log) => log !== undefined);
}

/** Having ended well is what an init container is for; a server that does has failed. */
function failedIn(pod: KubernetesObject): ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [] } = statusesOf(pod);
  const isDone = ({ state }: ContainerStatus) => state?.terminated?.exitCode === 0;
  const hasFailed = ({ ready, state, lastState }: ContainerStatus) =>
    !ready && (state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined);
  return [...initContainerStatuses.filter((status) => hasFailed(status) && !isDone(status)), ...containerStatuses.filter(hasFailed)];
}

/** What a container wrote last, or why that could not be read. Secrets that have a form of their own are masked. */
export async function logOf(
  cluster: Cluster,
  namespace: string,
  pod: KubernetesObject,
  component: Component,
  container_name: string,
  previous: boolean,
): Promise<KeptLog | undefined> {
  const instance = pod.metadata.name as string;
  try {
    const text = await cluster.podLog(namespace, instance, { container: container_name, previous, tail_lines: fetchedLines });
    const lines = lostLog.test(text)
      ? [unread(text)]
      : masked(text)
          .split("\n")
          .filter((line) => line !== "");
    return lines.length > 0 ? { instance, component, container_name, previous, lines } : undefined;
  } catch (error) {
    // The pod may have gone, or its log with it: that there is none must not hide the failure it would explain.
    return { instance, component, container_name, previous, lines: [unread((error as Error).message)] };
  }
}

/** What a kubelet answers, as if it were the log, once the container is gone that wrote it. */
const lostLog = /^unable to retrieve container logs for \S+\s*$/;
const unread = (why: string): string => `(this log could not be read: ${why.trim()})`;
