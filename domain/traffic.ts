import type { Head, SlotRecord } from "./deployment.ts";
import { type SlotName, slotNames } from "./words.ts";

/** How slots change hands. A step stores what these give with `saveSlots`; the other slot is left as it is when absent. */

export type Slots = Head["slots"];
export type SlotChange = Partial<Slots>;

export function otherSlot(slot: SlotName): SlotName {
  return slot === "blue" ? "green" : "blue";
}

/** The slot that has the traffic; null when nothing is served. */
export function servingSlot(slots: Slots): SlotName | null {
  return slotNames.find((slot) => slots[slot]?.role === "active" && slots[slot].weight > 0) ?? null;
}

/** Where the next revision goes: never where the traffic is, and blue first when both are free. */
export function slotToFill(slots: Slots): SlotName {
  const serving = servingSlot(slots);
  if (serving) return otherSlot(serving);
  return slots.blue && !slots.green ? "green" : "blue";
}

/** What a new revision has in its way when the cluster has room for one at a time: every filled slot but its own. */
export function slotsInTheWay(slots: Slots, filling: SlotName): SlotName[] {
  return slotNames.filter((slot) => slot !== filling && slots[slot] !== null);
}

export function fillSlot(slot: SlotName, record: Pick<SlotRecord, "revision" | "epoch" | "desired">): SlotChange {
  return { [slot]: { ...record, role: "preview", weight: 0 } };
}

/**
 * So much of the traffic to one slot, what is left to the other. With all of it the slot is the active one, and what
 * had it before stays up, warm, until it is retired. Percent.
 */
export function shiftTraffic(slots: Slots, to: SlotName, weight = 100): SlotChange {
  const target = slots[to];
  if (!target) throw new RangeError(`traffic cannot move to slot ${to}: it is empty`);
  const from = slots[otherSlot(to)];
  if (weight === 100) {
    return {
      [to]: { ...target, role: "active", weight },
      // What never had any stays what it is: nobody goes back to it.
      ...(from && { [otherSlot(to)]: from.role === "preview" && from.weight === 0 ? from : { ...from, role: "warm", weight: 0 } }),
    };
  }
  if (!from) throw new RangeError(`slot ${to} cannot have ${weight} % of the traffic: there is nothing that could have the rest`);
  return {
    [to]: { ...target, role: "preview", weight },
    [otherSlot(to)]: { ...from, role: "active", weight: 100 - weight },
  };
}

/**
 * What served when an operation began; null when nothing did, or when it is gone. The same revision may be in the other
 * slot without ever having served: a restart that was aborted left it there.
 */
export function formerSlot({ slots, revisions }: Pick<Head, "slots" | "revisions">, filling: SlotName | null): SlotName | null {
  const hasServed = (slot: SlotName) => slots[slot]?.revision === revisions.running && slots[slot]?.role !== "preview";
  return slotNames.find((slot) => slot !== filling && hasServed(slot)) ?? null;
}

/**
 * As it was before the operation: who served serves again, and what the operation brought up has nothing. Where who
 * served is gone, what has all of the traffic instead of it keeps it.
 */
export function restoreTraffic(head: Pick<Head, "slots" | "revisions">, filling: SlotName | null): SlotChange {
  const former = formerSlot(head, filling);
  if (!former && hasReplaced(head, filling)) return {};
  const own = filling && head.slots[filling];
  return {
    ...(former && { [former]: { ...(head.slots[former] as SlotRecord), role: "active", weight: 100 } }),
    ...(filling && own && { [filling]: { ...own, role: "preview", weight: 0 } }),
  };
}

/** Something served when the operation began, and now its own slot does, with all of the traffic. */
export function hasReplaced({ slots, revisions }: Pick<Head, "slots" | "revisions">, filling: SlotName | null): boolean {
  return filling !== null && revisions.running !== null && servingSlot(slots) === filling;
}

/** Whether a slot's objects are to stay: it has traffic, or is warm and its time is not over. `now` in milliseconds. */
export function isKept({ weight, role, warm_until }: SlotRecord, now: number): boolean {
  return weight > 0 || (role === "warm" && Date.parse(warm_until ?? "") > now);
}

/** Nobody gets traffic any more; what had it stays up, warm, while its last requests drain. */
export function withdrawTraffic(slots: Slots): SlotChange {
  const change: SlotChange = {};
  for (const slot of slotNames) {
    const record = slots[slot];
    if (record?.role === "active" || (record && record.weight > 0)) change[slot] = { ...record, role: "warm", weight: 0 };
  }
  return change;
}

export function retireSlot(slot: SlotName): SlotChange {
  return { [slot]: null };
}

export function weightsOf(slots: Slots): Partial<Record<SlotName, number>> {
  const weights: Partial<Record<SlotName, number>> = {};
  for (const slot of slotNames) {
    const record = slots[slot];
    if (record) weights[slot] = record.weight;
  }
  return weights;
}
