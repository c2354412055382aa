import { answers, currentCondition, sameCondition, seenSlot } from "./current-condition.ts";
import type { Condition, Head, Observed, ObservedSlot } from "./deployment.ts";
import { type ConditionType, type SlotName, slotNames } from "./words.ts";

const transitionsKept = 100;

/**
 * Folds what was just seen into what had been seen: times stay those of the last change, stages that were passed between
 * two looks are put into the history, and slots that HEAD no longer names fall away. A slot that was not looked at stays
 * as it was. The caller stores the result when `worthSaving` says so. `now` in milliseconds.
 */
export function recordObservation(
  head: Head,
  before: Observed | undefined,
  seen: Partial<Record<SlotName, ObservedSlot | null>>,
  now: number,
): Observed {
  const at = new Date(now).toISOString();
  const slots: Observed["slots"] = { blue: null, green: null };
  for (const slot of slotNames) {
    const looked = seen[slot];
    slots[slot] = looked === undefined ? (seenSlot(head, before, slot) ?? null) : looked && settledSlot(before?.slots[slot], looked, at);
  }
  const draft: Observed = { epoch: head.epoch, observed_at: at, condition: null, transitions: before?.transitions ?? [], slots };
  const condition = currentCondition(head, draft, true);
  return { ...draft, ...followed(before, condition, head.epoch, at) };
}

/** Whether anything but the time of looking has changed, or that time has become old enough to be worth a write. */
export function worthSaving(before: Observed | undefined, after: Observed, refreshSeconds: number): boolean {
  if (!before) return true;
  const age = Date.parse(after.observed_at) - Date.parse(before.observed_at);
  return (
    age >= refreshSeconds * 1000 || JSON.stringify({ ...before, observed_at: null }) !== JSON.stringify({ ...after, observed_at: null })
  );
}

function settledSlot(before: ObservedSlot | null | undefined, seen: ObservedSlot, at: string): ObservedSlot {
  const same = before?.epoch === seen.epoch && before.revision === seen.revision ? before : undefined;
  const unchanged = same && sameCondition(same.condition, seen.condition);
  return {
    ...seen,
    condition: unchanged ? { ...seen.condition, at: same.condition.at } : seen.condition,
    unready_since: answers(seen) ? null : (same?.unready_since ?? at),
  };
}

function followed(
  before: Observed | undefined,
  condition: Condition,
  epoch: number,
  at: string,
): Pick<Observed, "condition" | "transitions"> {
  const transitions = before?.transitions ?? [];
  const previous = before?.condition;
  if (previous && before.epoch === epoch && sameCondition(previous, condition)) {
    return { condition: { ...condition, at: previous.at }, transitions };
  }
  const now = { ...condition, at };
  const passed = stagesPassed(before?.epoch === epoch ? previous : null, condition, at);
  return { condition: now, transitions: [now, ...passed.toReversed(), ...transitions].slice(0, transitionsKept) };
}

export const stages: readonly ConditionType[] = ["SCHEDULED", "INITIALIZED", "STARTED", "READY"];

const stageWords: Readonly<Partial<Record<ConditionType, { reason: string; message: string }>>> = {
  SCHEDULED: { reason: "Scheduled", message: "every instance has its node" },
  INITIALIZED: { reason: "Initialized", message: "images, volumes and model are there" },
  STARTED: { reason: "Started", message: "the servers run" },
};

/** A look sees one stage; those before it are done, whether or not anybody looked while they were current. */
function stagesPassed(previous: Condition | null | undefined, condition: Condition, at: string): Condition[] {
  const reached = stages.indexOf(condition.type);
  const from = previous ? stages.indexOf(previous.type) : 0;
  if (reached <= 0 || from < 0) return [];
  return stages.slice(from, reached).flatMap((type) => {
    const words = stageWords[type];
    return words ? [{ type, status: "True" as const, ...words, at }] : [];
  });
}
