import type { Head, Revision, SlotRecord } from "../../domain/deployment.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { holdScaling, isHeld, relaxScaling } from "../../domain/manifests/scaler.ts";
import { workloadName } from "../../domain/names.ts";
import { type Component, components } from "../../domain/words.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { Attempt } from "./attempts.ts";
import { sizeOf } from "./slot-capacity.ts";

/**
 * Nothing of the component is scaled down until `relaxScaling`: what serves must be able to take all traffic back.
 * Gives its size; undefined when the component is not there.
 */
export async function holdSize(cluster: Cluster, head: Head, record: SlotRecord, component: Component): Promise<number | undefined> {
  if (record.desired[component] === null) return undefined;
  const size = await sizeOf(cluster, head, record, component);
  if (size === undefined) return undefined;
  const scaler = await scalerOf(cluster, head, record, component);
  if (scaler && !isHeld(scaler, size)) await patchScaler(cluster, head, record, component, holdScaling(size));
  return size;
}

/** The revision has proved itself, or is all that is left: its size is its own to find from now on. */
export async function relaxScale(cluster: Cluster, head: Head, attempt: Attempt, { specification }: Revision): Promise<void> {
  for (const component of components) {
    const scaling = specification[component]?.scaling_config;
    const scaler = scaling && (await scalerOf(cluster, head, attempt, component));
    if (scaling && scaler && isHeld(scaler)) await patchScaler(cluster, head, attempt, component, relaxScaling(scaling));
  }
}

const nameOf = (head: Head, { revision, epoch }: Attempt, component: Component): string => workloadName(head, component, revision, epoch);

function scalerOf(cluster: Cluster, head: Head, attempt: Attempt, component: Component): Promise<KubernetesObject | undefined> {
  return cluster.get("HorizontalPodAutoscaler", head.place.namespace, nameOf(head, attempt, component));
}

export async function patchScaler(cluster: Cluster, head: Head, attempt: Attempt, component: Component, patch: object): Promise<void> {
  await cluster.patch("HorizontalPodAutoscaler", head.place.namespace, nameOf(head, attempt, component), patch);
}
