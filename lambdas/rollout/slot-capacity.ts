import type { Head, SlotRecord } from "../../domain/deployment.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { workloadName } from "../../domain/names.ts";
import { type Component, components } from "../../domain/words.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { Attempt } from "./attempts.ts";

const pauseMilliseconds = 500;

/**
 * Whether a slot has every instance ready that it was provisioned with, or that its autoscaler has found to be needed
 * since: only then may traffic come to it.
 */
export function isWhole(cluster: Cluster, head: Head, record: SlotRecord): Promise<boolean> {
  return hasReady(cluster, head, record, (wanted) => wanted);
}

/** Whether it can answer at all: better than nothing, where nothing has the traffic. */
export function canAnswer(cluster: Cluster, head: Head, record: SlotRecord): Promise<boolean> {
  return hasReady(cluster, head, record, (wanted) => Math.min(1, wanted));
}

async function hasReady(cluster: Cluster, head: Head, record: SlotRecord, least: (desired: number) => number): Promise<boolean> {
  for (const component of components) {
    const desired = record.desired[component];
    if (desired === null) continue;
    const found = await deploymentOf(cluster, head, record, component);
    if (!found || found.metadata.deletionTimestamp || available(found) < least(Math.max(desired, sizeIn(found)))) return false;
  }
  return true;
}

/** The same, given a while to become so. */
export async function awaitWhole(
  { cluster, clock }: { cluster: Cluster; clock: Clock },
  head: Head,
  record: SlotRecord,
  atMostMilliseconds: number,
): Promise<boolean> {
  for (const until = clock.now() + atMostMilliseconds; ; ) {
    if (await isWhole(cluster, head, record)) return true;
    if (clock.now() >= until) return false;
    await clock.sleep(pauseMilliseconds);
  }
}

/** Instances that a slot runs now, as its autoscaler has found them to be needed; undefined when the component is not there. */
export async function sizeOf(cluster: Cluster, head: Head, record: Attempt, component: Component): Promise<number | undefined> {
  const found = await deploymentOf(cluster, head, record, component);
  return found && sizeIn(found);
}

export const sizeIn = ({ spec }: KubernetesObject): number => (spec as { replicas?: number } | undefined)?.replicas ?? 0;

export const deploymentOf = (cluster: Cluster, head: Head, { revision, epoch }: Attempt, component: Component) =>
  cluster.get("Deployment", head.place.namespace, workloadName(head, component, revision, epoch));

const available = ({ status }: KubernetesObject): number => (status as { availableReplicas?: number } | undefined)?.availableReplicas ?? 0;
