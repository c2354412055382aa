import type { Head, SlotRecord } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { epochOf } from "../../domain/manifests/route.ts";
import { claimScaler, heldSize, holdScaling, isFixedSize, isHeld, largestSize, relaxScaling } from "../../domain/manifests/scaler.ts";
import { workloadName } from "../../domain/names.ts";
import type { Revision } from "../../domain/revision.ts";
import { type Component, components } from "../../domain/words.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { Attempt } from "./attempts.ts";
import { unlessOvertaken } from "./route.ts";
import { deploymentOf, sizeIn } from "./slot-capacity.ts";

/** The autoscaler's controller writes its status all the time: a lost race is ordinary. */
const attempts = 10;

/**
 * Nothing of the component is scaled down until `relaxScale`: what serves must be able to take all traffic back.
 * Gives its size; undefined when the component is not there.
 */
export async function holdSize(cluster: Cluster, head: Head, record: SlotRecord, component: Component): Promise<number | undefined> {
  if (record.desired[component] === null) return undefined;
  const found = await deploymentOf(cluster, head, record, component);
  if (!found) return undefined;
  const size = sizeIn(found);
  if (!isFixedSize(found)) await holdAt(cluster, head, record, component, size);
  return size;
}

/**
 * Held already by an older epoch is not enough: that one may still be about to let go. What is held is not made smaller, nor
 * larger than its revision allows. Gives the size that it has as its least; 0 where no autoscaler can be told.
 */
export async function holdAt(cluster: Cluster, head: Head, attempt: Attempt, component: Component, size: number): Promise<number> {
  let least = 0;
  await steer(cluster, head, attempt, component, (scaler) => {
    const allowed = Math.min(size, largestSize(scaler));
    least = Math.max(allowed, heldSize(scaler));
    return isHeld(scaler, allowed) && epochOf(scaler) === head.epoch ? undefined : holdScaling(least);
  });
  return least;
}

/** undefined when the component is not there. */
export function scalerOf(
  cluster: Cluster,
  head: Head,
  { revision, epoch }: Attempt,
  component: Component,
): Promise<KubernetesObject | undefined> {
  return cluster.get("HorizontalPodAutoscaler", head.place.namespace, workloadName(head, component, revision, epoch));
}

/** The revision has proved itself, or is all that is left: its size is its own to find from now on. */
export async function relaxScale(cluster: Cluster, head: Head, attempt: Attempt, { specification }: Revision): Promise<void> {
  for (const component of components) {
    const scaling = specification[component]?.scaling_config;
    if (scaling) await steer(cluster, head, attempt, component, (scaler) => (isSettled(scaler, head) ? undefined : relaxScaling(scaling)));
  }
}

/** Of a slot that the operation under way has made: at its smallest size nobody has had to hold it. */
export function isNeverHeld({ epoch }: Pick<Head, "epoch">, slot: SlotRecord, { specification }: Revision): boolean {
  const isSmallest = (component: Component) => slot.desired[component] === (specification[component]?.scaling_config.min_replicas ?? null);
  return slot.epoch === epoch && components.every(isSmallest);
}

/** Not held, and no older epoch can hold it any more. */
const isSettled = (scaler: KubernetesObject, head: Head): boolean => !isHeld(scaler) && epochOf(scaler) === head.epoch;

/** As with the route: the newest epoch that has said something of the size is the oldest that may say more. */
async function steer(
  cluster: Cluster,
  head: Head,
  { revision, epoch }: Attempt,
  component: Component,
  patchFor: (scaler: KubernetesObject) => object | undefined,
): Promise<void> {
  const kind = "HorizontalPodAutoscaler";
  const { namespace } = head.place;
  const name = workloadName(head, component, revision, epoch);
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const scaler = await cluster.get(kind, namespace, name);
    if (!scaler) return;
    requireNewest(scaler, head);
    const patch = patchFor(scaler);
    if (!patch) return;
    if (await unlessOvertaken(cluster.patch(kind, namespace, name, { ...patch, ...claimScaler(head.epoch, scaler) }))) return;
  }
  const message = `autoscaler ${name} changed each of the ${attempts} times that it was to be changed`;
  throw new WorkflowError("ClusterUnavailable", "Conflict", message);
}

function requireNewest(scaler: KubernetesObject, { epoch }: Head): void {
  if (epochOf(scaler) <= epoch) return;
  const message = `autoscaler ${scaler.metadata.name} was claimed by epoch ${epochOf(scaler)}: epoch ${epoch} is over`;
  throw new WorkflowError("StaleEpoch", "StaleEpoch", message);
}
