import type { Condition } from "./condition.ts";
import { answers, currentCondition, sameCondition, seenSlot } from "./current-condition.ts";
import type { Head } from "./deployment.ts";
import type { Observed, ObservedSlot } from "./observed.ts";
import { sameJson } from "./same-json.ts";
import { type ConditionType, type SlotName, slotNames } from "./words.ts";

/** Characters that the transitions beside an observation may have: with more they are billed again at each of its writes. */
const charactersKept = 500;

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
  const known = { passed: before?.passed ?? {}, transitions: before?.transitions ?? [], earlier: before?.earlier ?? 0 };
  const draft: Observed = {
    epoch: head.epoch,
    observed_at: at,
    version: (before?.version ?? 0) + 1,
    condition: null,
    ...known,
    slots,
  };
  const condition = currentCondition(head, draft, true);
  return { ...draft, ...followed(before, condition, head.epoch, at) };
}

/** Transitions that lie in an item of their own. */
export interface KeptTransitions {
  /** How many transitions there were before them. */
  first: number;
  /** Oldest first. */
  transitions: Condition[];
}

/**
 * What an observation has left behind and is to be kept first. Only what had been stored before is among it, so whoever
 * says it again says the same; should the observation then not be stored, nothing has changed.
 */
export function leftBehind(before: Observed | undefined, after: Observed): KeptTransitions | undefined {
  if (!before || after.earlier === before.earlier) return undefined;
  return { first: before.earlier, transitions: before.transitions.toReversed() };
}

/** Whether anything but the time of looking has changed, or that time has become old enough to be worth a write. */
export function worthSaving(before: Observed | undefined, after: Observed, refreshSeconds: number): boolean {
  if (!before) return true;
  const age = Date.parse(after.observed_at) - Date.parse(before.observed_at);
  const undated = (observed: Observed) => ({ ...observed, observed_at: null, version: null });
  // A table gives the fields of what was stored in any order: that one is another says nothing.
  return age >= refreshSeconds * 1000 || !sameJson(undated(before), undated(after));
}

function settledSlot(before: ObservedSlot | null | undefined, seen: ObservedSlot, at: string): ObservedSlot {
  const same = before?.epoch === seen.epoch && before.revision === seen.revision ? before : undefined;
  const unchanged = same && sameCondition(same.condition, seen.condition);
  // Who looks at instances alone leaves what was known of the way to them.
  const unreachable = seen.unreachable ?? same?.unreachable ?? false;
  const drift = seen.drift ?? same?.drift ?? [];
  const missed = seen.missed === undefined ? same?.missed : seen.missed;
  const { drift: _drift, missed: _missed, ...instances } = seen;
  const looked: ObservedSlot = { ...instances, unreachable, ...(missed && { missed }), ...(drift.length > 0 && { drift }) };
  return {
    ...looked,
    condition: unchanged ? { ...seen.condition, at: same.condition.at } : seen.condition,
    unready_since: answers(looked) ? null : (same?.unready_since ?? at),
  };
}

function followed(
  before: Observed | undefined,
  condition: Condition,
  epoch: number,
  at: string,
): Partial<Pick<Observed, "condition" | "passed" | "transitions" | "earlier">> {
  const previous = before?.epoch === epoch ? before.condition : null;
  if (previous && sameCondition(previous, condition)) return { condition: { ...condition, at: previous.at } };
  const now = { ...condition, at };
  const passed = stagesPassed(previous, condition, at);
  const times = Object.fromEntries(passed.map(({ type }) => [type, at]));
  return {
    condition: now,
    passed: { ...(previous && before?.passed), ...times },
    ...withNew(before, [now, ...passed.toReversed()]),
  };
}

/** What lay beside the observation stays there while it is short. */
function withNew(before: Observed | undefined, added: Condition[]): Pick<Observed, "transitions" | "earlier"> {
  const { transitions = [], earlier = 0 } = before ?? {};
  if (JSON.stringify(transitions).length > charactersKept) return { transitions: added, earlier: earlier + transitions.length };
  return { transitions: [...added, ...transitions], earlier };
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
  return stages.slice(from, reached).flatMap((type) => stageDone(type, at) ?? []);
}

/** A stage that is done, in the words of all deployments. */
export function stageDone(type: ConditionType, at: string): Condition | undefined {
  const words = stageWords[type];
  return words && { type, status: "True", ...words, at };
}
