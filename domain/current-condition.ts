import type { Condition } from "./condition.ts";
import type { Head } from "./deployment.ts";
import { objectiveLimits } from "./objective.ts";
import type { Drift, MissedObjective, Observed, ObservedSlot } from "./observed.ts";
import type { ActiveOperation, LastOperation } from "./operation.ts";
import { fillsSlot, shutsDown } from "./operation-kinds.ts";
import { recordedStatus } from "./recorded-status.ts";
import { saidOf } from "./slot-words.ts";
import { servingSlot } from "./traffic.ts";
import { components, type SlotName } from "./words.ts";

/**
 * The one condition that is current: of the new slot while a revision is on its way, else of what serves, else of the
 * operation that failed, else that nothing runs.
 */
export function currentCondition(head: Head, observed: Observed | undefined, fresh: boolean): Condition {
  const operation = head.active_operation;
  if (operation && shutsDown(operation.kind)) return stoppingCondition(operation);
  if (operation?.slot && fillsSlot(operation.kind)) return newSlotCondition(head, operation, operation.slot, observed, fresh);
  const serving = servingSlot(head.slots);
  if (serving) return servedCondition(head, serving, seenSlot(head, observed, serving), observed, fresh);
  return recordedStatus(head) === "FAILED" && head.last_operation ? failedCondition(head, head.last_operation) : restingCondition(head);
}

/** What was seen of a slot, if it was seen as it is now: another revision's or attempt's objects say nothing of it. */
export function seenSlot(head: Head, observed: Observed | undefined, slot: SlotName): ObservedSlot | undefined {
  const seen = observed?.slots[slot];
  const record = head.slots[slot];
  return seen && record && seen.epoch === record.epoch && seen.revision === record.revision ? seen : undefined;
}

/** Every component that should have instances has one that may answer, and requests get there. */
export function answers({ components: seen, unreachable = false }: ObservedSlot): boolean {
  if (unreachable) return false;
  return components.every((component) => {
    const counts = seen[component];
    return !counts || counts.desired === 0 || counts.ready > 0;
  });
}

/** The instances are ready, and whether requests get to them nobody may see. */
export const unproven = "Forbidden";
export const isUnproven = ({ condition: { type, status, reason } }: ObservedSlot): boolean =>
  type === "READY" && status === "Unknown" && reason === unproven;

/** That it answers worse than it should: as was judged lately, or by an alert on it that is not resolved. */
export function missedBy(head: Head, seen: ObservedSlot, observed: Observed): MissedObjective | undefined {
  return missedNow(seen, observed) ?? alertOn(head, seen.revision);
}

function alertOn({ alerts = [] }: Head, revision: number): MissedObjective | undefined {
  const alert = alerts.find((each) => each.revision === revision);
  return alert && { reason: alert.name, message: `${alert.message} (alert since ${alert.since})`, at: alert.since };
}

/** As far as that was judged lately, while somebody watched. */
export function missedNow({ missed }: ObservedSlot, { observed_at }: Observed): MissedObjective | undefined {
  if (!missed || Date.parse(observed_at) - Date.parse(missed.at) > objectiveLimits.stale) return undefined;
  return missed;
}

export function sameCondition(one: Condition | null | undefined, other: Condition): boolean {
  return one?.type === other.type && one.status === other.status && one.reason === other.reason;
}

function newSlotCondition(
  head: Head,
  operation: ActiveOperation,
  slot: SlotName,
  observed: Observed | undefined,
  fresh: boolean,
): Condition {
  const seen = seenSlot(head, observed, slot);
  const what = `revision ${operation.revision} (${slot})`;
  if (!seen) {
    const step = operation.step ? `step ${operation.step}` : "the workflow starts";
    return unknown("SCHEDULED", "Preparing", `${what} is being prepared: ${step}`, operation.started_at);
  }
  if (!(seen.condition.type === "READY" && seen.condition.status === "True")) return seen.condition;
  // Ready instances are not yet a revision that was probed: its traffic comes after the smoke tests.
  if (servingSlot(head.slots) === slot) return servedCondition(head, slot, seen, observed, fresh);
  const isVerified = operation.step === "Bake";
  const reason = head.slots[slot]?.weight ? "BeingJudged" : isVerified ? "AwaitingPromotion" : "AwaitingVerification";
  return saidOf(reason, { revision: operation.revision, slot }, seen.condition.at);
}

function servedCondition(
  head: Head,
  slot: SlotName,
  seen: ObservedSlot | undefined,
  observed: Observed | undefined,
  fresh: boolean,
): Condition {
  const what = `revision ${head.slots[slot]?.revision} (${slot})`;
  if (!seen || !fresh) {
    const when = observed ? `it was last looked at ${observed.observed_at}` : "it has not been looked at yet";
    return unknown("READY", "NotObserved", `${what} has the traffic; ${when}`, observed?.observed_at ?? head.updated_at);
  }
  if (!answers(seen) || isUnproven(seen)) return seen.condition;
  if (seen.condition.status === "True") {
    const missed = observed && missedBy(head, seen, observed);
    if (missed) return { type: "READY", status: "True", ...missed, message: `${what} is ready, but ${missed.message}` };
    return seen.drift?.length ? drifted(what, seen.condition.at, seen.drift) : seen.condition;
  }
  const { at, message } = seen.condition;
  return { type: "READY", status: "True", reason: "Degraded", message: `${what} serves with fewer instances than wanted: ${message}`, at };
}

/** It serves, but not as it was asked for. */
function drifted(what: string, at: string, [first, ...others]: Drift[]): Condition {
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  const message = `${what} is ready, but was changed in the cluster: ${first ? driftWords(first) : ""}${more}. A restart puts it right`;
  return { type: "READY", status: "True", reason: "Drifted", message, at };
}

export const driftWords = ({ object, field, expected, found }: Drift): string =>
  field === "" ? `${object} is ${found}` : `${object} has ${field} ${found}, not ${expected}`;

/** Traffic and instances are being taken away (SCHEDULED), then waited for until they are gone (STOPPED). */
function stoppingCondition({ step, steps, started_at, kind, revision }: ActiveOperation): Condition {
  const at = steps.at(-1)?.started_at ?? started_at;
  if (step === "RetireSlot" || step === "CompleteShutdown") {
    return unknown("STOPPED", "Stopping", `revision ${revision} is being removed from the cluster (${kind})`, at);
  }
  return unknown("SCHEDULED", "Unscheduling", `revision ${revision} is being unscheduled: its traffic is taken away first (${kind})`, at);
}

/** What the last operation ended in is what there is to say until somebody begins another. */
function failedCondition(head: Head, { condition, cause, outcome, kind }: LastOperation): Condition {
  if (condition) return condition;
  const message = cause?.message ?? `${kind} ended as ${outcome}, and nothing serves`;
  return { type: "READY", status: "False", reason: cause?.reason ?? "NothingServes", message, at: head.updated_at };
}

function restingCondition(head: Head): Condition {
  if (!head.started_once) {
    return { type: "STOPPED", status: "True", reason: "NeverStarted", message: "never started: nothing runs", at: head.created_at };
  }
  const at = head.deleted_at ?? head.updated_at;
  return { type: "STOPPED", status: "True", reason: "Stopped", message: "stopped: nothing runs, nothing is allocated", at };
}

function unknown(type: Condition["type"], reason: string, message: string, at: string): Condition {
  return { type, status: "Unknown", reason, message, at };
}
