import type { Head, SlotRecord } from "../../domain/deployment.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import type { ObservedSlot } from "../../domain/observed.ts";
import { judgeSlot } from "../../domain/slot-condition.ts";
import type { SlotName } from "../../domain/words.ts";
import { factsOf, type SeenObjects } from "../rollout/slot-facts.ts";

/** Objects as listed, and how the events of a namespace are asked for. */
export type Seen = Omit<SeenObjects, "events"> & { eventsIn(namespace: string): Promise<KubernetesObject[]> };

/** Events tell why something is missing; while nothing is, nobody needs them. */
export async function judgeSeen(
  { head, slot, record }: { head: Head; slot: SlotName; record: SlotRecord },
  seen: Seen,
  now: number,
): Promise<ObservedSlot> {
  const silent = judgeSlot(factsOf(slot, record, { ...seen, events: [] }, head), record.desired, now);
  if (silent.verdict === "ready") return silent.observed;
  const events = await seen.eventsIn(head.place.namespace);
  return judgeSlot(factsOf(slot, record, { ...seen, events }, head), record.desired, now).observed;
}
