import type { Head, SlotRecord } from "../../domain/deployment.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { weightedBackends } from "../../domain/manifests/route.ts";
import { grownSize, isFixed, largestSize } from "../../domain/manifests/scaler.ts";
import type { Revision } from "../../domain/revision.ts";
import { type Component, components } from "../../domain/words.ts";
import type { Cluster } from "../ports/cluster.ts";
import { attemptsUsed } from "./attempts.ts";
import { holdAt, scalerOf } from "./scaling.ts";
import { awaitWhole, isWhole, sizeOf } from "./slot-capacity.ts";
import type { StepPorts } from "./step.ts";

interface Place {
  cluster: Cluster;
  head: Head;
}

/** Whether it can be made any larger than it was provisioned. */
export const mayGrow = ({ specification }: Revision): boolean =>
  components.some((component) => specification[component] && !isFixed(specification[component].scaling_config));

/**
 * More callers may have come since a slot was made: before its traffic comes, it is made as large as its share of what is
 * carried now by the `route`. Gives its record with the instances that have to be ready, as far as its revision allows so many.
 */
export function growForTraffic(place: Place, route: KubernetesObject | undefined, record: SlotRecord, weight: number): Promise<SlotRecord> {
  return growTo(place, record, async (component) => ((await sizeCarried(place, route, component)) * weight) / 100);
}

/**
 * Whether traffic may go back to what had it: as soon as it is as large as it has to be by now, or, when that takes too
 * long, as large as it was. Errors at the right size are worse than a queue at the old one.
 */
export async function mayTakeBack(
  { cluster, head }: Place,
  record: SlotRecord,
  grown: SlotRecord,
  { clock }: Pick<StepPorts, "clock">,
  atMostMilliseconds: number,
): Promise<boolean> {
  if (await awaitWhole({ cluster, clock }, head, grown, atMostMilliseconds)) return true;
  return grown !== record && (await isWhole(cluster, head, record));
}

async function growTo(
  { cluster, head }: Place,
  record: SlotRecord,
  neededOf: (component: Component) => Promise<number>,
): Promise<SlotRecord> {
  const desired = { ...record.desired };
  for (const component of components) {
    const before = desired[component];
    const carried = before === null ? 0 : Math.ceil(await neededOf(component));
    const scaler = before !== null && carried > before && (await scalerOf(cluster, head, record, component));
    if (!scaler) continue;
    const needed = Math.min(carried, largestSize(scaler));
    if (needed <= before) continue;
    await holdAt(cluster, head, record, component, needed);
    desired[component] = needed;
  }
  return components.some((component) => desired[component] !== record.desired[component]) ? { ...record, desired } : record;
}

/**
 * Instances of a component that all of the traffic needs, by what the route gives it to: after an abort the record names
 * what is to have it. A size that is only held says no more than what was needed before; one that an autoscaler has found
 * since says what that share of the traffic needs.
 */
async function sizeCarried({ cluster, head }: Place, route: KubernetesObject | undefined, component: Component): Promise<number> {
  let needed = 0;
  for (const { name, weight } of route ? weightedBackends(route) : []) {
    const [attempt] = attemptsUsed(head, [name], { blue: null, green: null }, 0);
    if (!attempt) continue;
    const size = (await sizeOf(cluster, head, attempt, component)) ?? 0;
    // Of what has all of the traffic the size says the same, whoever has found it.
    const scaler = weight < 100 && (await scalerOf(cluster, head, attempt, component));
    const grown = scaler ? grownSize(scaler, size) : undefined;
    needed = Math.max(needed, grown === undefined ? size : (grown * 100) / weight);
  }
  return needed;
}
