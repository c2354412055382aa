import { endAlerts } from "./alerts.ts";
import { cardOf } from "./card.ts";
import type { Cause, Condition } from "./condition.ts";
import type { Ending } from "./decision.ts";
import type { Head, Hold } from "./deployment.ts";
import { WorkflowError } from "./errors.ts";
import { History } from "./history.ts";
import type { ActiveOperation, LastOperation, OperationStep } from "./operation.ts";
import { shutsDown } from "./operation-kinds.ts";
import { recordedStatus } from "./recorded-status.ts";
import { formerSlot, hasReplaced, otherSlot, restoreTraffic, retireSlot, servingSlot, weightsOf } from "./traffic.ts";
import type { Outcome, SlotName, Status } from "./words.ts";

/** How an operation ends: by its workflow, by the sweeper when its deadline is over, or by a person who aborts it. */

export interface EndOfOperation {
  operation_id: string;
  outcome: Outcome;
  cause: Cause | null;
  /** The condition in which a failed operation ended; null after a success. */
  condition: Condition | null;
  at: string;
  /** After a success: how long what had the traffic before is kept. */
  warm_seconds?: number;
  /** The card's status, when more is known than the record tells (IDLE). */
  status?: Status;
}

/**
 * The outcome frees slots: after a success the operation's slot is left, and beside it what is kept warm; after a
 * failure it is the one that is gone. Throws `StaleEpoch` when another operation runs, or none.
 */
export function endOperation(head: Head, end: EndOfOperation): Ending {
  const operation = runningOperation(head, end.operation_id);
  return ended(head, operation, end, { slots: slotsAfter(head, operation, end), epoch: head.epoch });
}

/**
 * Ends an operation whose executor cannot be trusted to end it: the deadline is over. What it has made may still be in
 * the cluster, so its slot stays named until another operation has removed it; the epoch keeps the old executor out.
 */
export function sweepOperation(head: Head, { operation_id, at }: { operation_id: string; at: string }): Ending {
  const operation = runningOperation(head, operation_id);
  const where = operation.step ? `step ${operation.step}` : "it had not begun its first step";
  const message = `${operation.kind} of revision ${operation.revision} did not end by its deadline ${operation.deadline}: ${where}`;
  const end = { operation_id, outcome: "FAILED", cause: { reason: "DeadlineExceeded", message }, condition: null, at } as const;
  return ended(head, operation, end, taken(head, operation));
}

/** Ends an operation whose workflow is gone without a word: it was stopped from outside, or could not write. */
export function abandonOperation(head: Head, { operation_id, at, cause }: { operation_id: string; at: string; cause: Cause }): Ending {
  const operation = runningOperation(head, operation_id);
  const end = { operation_id, outcome: "FAILED", cause, condition: null, at } as const;
  return ended(head, operation, end, taken(head, operation));
}

/** The same on a person's word: nothing that the operation made is trusted or forgotten. */
export function abortOperation(head: Head, { operation_id, actor, at }: { operation_id: string; actor: string; at: string }): Ending {
  const operation = runningOperation(head, operation_id);
  const message = `${operation.kind} of revision ${operation.revision} was aborted by ${actor}`;
  const end = { operation_id, outcome: "CANCELLED", cause: { reason: "Aborted", message }, condition: null, at } as const;
  return ended(head, operation, end, taken(head, operation), actor);
}

/**
 * The old executor is out, and who served before is to serve again: the record says so now, the clean-up that follows
 * makes it so. What the operation brought up stays named, without traffic, until it has been removed.
 */
function taken(head: Head, { slot, kind }: ActiveOperation): Pick<Head, "slots" | "epoch"> {
  const slots = shutsDown(kind) ? head.slots : { ...head.slots, ...restoreTraffic(head, slot) };
  return { slots, epoch: head.epoch + 1 };
}

function runningOperation(head: Head, operationId: string): ActiveOperation {
  const operation = head.active_operation;
  if (operation?.id === operationId) return operation;
  const instead = operation ? `operation ${operation.id} runs` : "no operation runs";
  throw new WorkflowError("StaleEpoch", "StaleEpoch", `operation ${operationId} of ${head.id} cannot end: ${instead}`);
}

function slotsAfter(head: Head, { slot, kind }: ActiveOperation, { outcome, at, warm_seconds = 0 }: EndOfOperation): Head["slots"] {
  if (shutsDown(kind)) return outcome === "SUCCEEDED" ? { blue: null, green: null } : head.slots;
  if (!slot) return head.slots;
  if (outcome !== "SUCCEEDED") return slotsAfterFailure(head, slot);
  if (servingSlot(head.slots) !== slot) throw new RangeError(`${kind} cannot have succeeded: slot ${slot} has no traffic`);
  const former = head.slots[otherSlot(slot)];
  const warm = former && warm_seconds > 0 ? { ...former, warm_until: new Date(Date.parse(at) + warm_seconds * 1000).toISOString() } : null;
  return { ...head.slots, [slot]: { ...head.slots[slot], warm_until: null }, [otherSlot(slot)]: warm };
}

/**
 * Who served before is to have all of the traffic, whether or not it could be given back; sync sees to it. Where that is
 * gone, nothing is taken from what replaced it.
 */
function slotsAfterFailure(head: Head, slot: SlotName): Head["slots"] {
  if (formerSlot(head, slot) === null && hasReplaced(head, slot)) return head.slots;
  return { ...head.slots, ...restoreTraffic(head, slot), ...retireSlot(slot) };
}

function ended(
  head: Head,
  operation: ActiveOperation,
  end: EndOfOperation,
  kept: Pick<Head, "slots" | "epoch">,
  actor = operation.actor,
): Ending {
  const after = headAfter(head, operation, end, kept);
  const status = end.status ?? recordedStatus(after);
  const history = new History(head, actor, end.at);
  const { running } = after.revisions;
  if (running !== head.revisions.running) {
    const message = running === null ? "nothing receives traffic" : `all traffic goes to revision ${running}`;
    history.add("Traffic Moved", message, { revision: head.revisions.running }, { revision: running, weights: weightsOf(after.slots) });
  }
  if (running === null) endAlerts(history, head);
  const { kind, revision } = operation;
  const outcome = { kind, revision, outcome: end.outcome, cause: end.cause };
  history.add("Operation Ended", endMessage(operation, end), { kind, revision, outcome: null }, outcome);
  history.addStateChange(recordedStatus(head), status, end.condition, operation.revision);
  if (after.deleted_at) history.add("Deployment Deleted", `deployment ${head.id} deleted`, { deleted_at: null }, { deleted_at: end.at });
  return {
    before: head,
    after: { ...after, event_sequence: history.sequence },
    operation: {
      id: operation.id,
      outcome: end.outcome,
      cause: end.cause,
      steps: closedSteps(operation.steps, end),
      weights: weightsOf(after.slots),
      ended_at: end.at,
    },
    events: history.of(operation.id),
    card: cardOf(after, status),
  };
}

function headAfter(head: Head, operation: ActiveOperation, end: EndOfOperation, kept: Pick<Head, "slots" | "epoch">): Head {
  const { id, kind, revision } = operation;
  const serving = servingSlot(kept.slots);
  const running = serving ? (kept.slots[serving]?.revision ?? null) : null;
  const hold = holdAfter(head, operation, end);
  const last: LastOperation = { id, kind, outcome: end.outcome, revision, cause: end.cause, condition: end.condition };
  return {
    ...head,
    ...kept,
    version: head.version + 1,
    // After a rollback the revision that runs again is the one that is wanted.
    revisions: {
      ...head.revisions,
      running,
      served: servedBy(head, operation, running),
      wanted: end.outcome === "ROLLED_BACK" && running ? running : head.revisions.wanted,
    },
    ...(hold !== undefined && { hold }),
    ...(running === null && head.alerts && { alerts: [] }),
    active_operation: null,
    last_operation: last,
    deleted_at: kind === "DELETE" && end.outcome === "SUCCEEDED" ? end.at : head.deleted_at,
  };
}

const servedKept = 10;

/** A rollback takes away from the history what it goes back behind: the next one goes further. */
function servedBy({ revisions: { served } }: Head, { kind, slot }: ActiveOperation, running: number | null): number[] {
  if (running === null || slot === null) return served;
  const before = served.filter((revision) => revision !== running);
  const earlier = kind === "ROLLBACK" && served.includes(running) ? served.slice(served.indexOf(running) + 1) : before;
  return [running, ...earlier].slice(0, servedKept);
}

/** What was rolled back does not come back by itself. */
function holdAfter(
  head: Head,
  { kind, revision, actor }: ActiveOperation,
  { outcome, cause, at }: EndOfOperation,
): Hold | null | undefined {
  if (outcome === "ROLLED_BACK")
    return { reason: `revision ${revision} was rolled back: ${cause?.message ?? "no cause was given"}`, at, by: "slipway" };
  if (kind === "ROLLBACK" && outcome === "SUCCEEDED") return { reason: `rolled back to revision ${revision} by ${actor}`, at, by: actor };
  return head.hold;
}

function closedSteps(steps: OperationStep[], { at, outcome, cause }: EndOfOperation): OperationStep[] {
  return steps.map((step) => {
    if (step.ended_at) return step;
    if (outcome === "SUCCEEDED") return { ...step, ended_at: at, outcome };
    return { ...step, ended_at: at, outcome: "FAILED", detail: step.detail ?? cause?.message ?? null };
  });
}

const outcomeWords: Record<Outcome, string> = {
  SUCCEEDED: "succeeded",
  ROLLED_BACK: "was rolled back",
  FAILED: "failed",
  CANCELLED: "was cancelled",
};

function endMessage({ kind, revision }: ActiveOperation, { outcome, cause }: EndOfOperation): string {
  const what = `${kind} of revision ${revision} ${outcomeWords[outcome]}`;
  return cause ? `${what}: ${cause.message}` : what;
}
