import type { Ending } from "../../domain/decision.ts";
import type { Head } from "../../domain/deployment.ts";
import type { Operation, OperationStep } from "../../domain/operation.ts";
import { evidenceFields, evidenceIn } from "./dynamodb-evidence.ts";
import { type Item, withoutNulls } from "./dynamodb-items.ts";
import { toInstant, toNumber } from "./instants.ts";
import { closeSteps } from "./running-operation.ts";

/**
 * An OPERATION item comes to be when something is kept, and gets the rest when the operation has ended: until then that is
 * on HEAD. An `outcome` tells one from the other, and lets nothing more be kept.
 */
export function endedFields({ before, operation }: Ending): Item {
  const active = before.active_operation as NonNullable<Head["active_operation"]>;
  const { kind, revision, slot, actor, started_at, deadline, interrupts_serving } = active;
  const { outcome, cause, steps, weights, ended_at, evidence } = operation;
  return withoutNulls({
    ...{ kind, revision, slot, actor, epoch: before.epoch, interrupts_serving, outcome, cause, weights },
    started_at: toNumber(started_at),
    deadline: toNumber(deadline),
    ended_at: ended_at && toNumber(ended_at),
    steps: steps.map(endedStep),
    ...(evidence && evidenceFields(evidence)),
  });
}

/** Only what a reader would not put there by itself: the end of a step is the next one's beginning, or the operation's end. */
function endedStep({ name, started_at, ended_at, outcome, detail }: OperationStep, index: number, all: OperationStep[]): Item {
  const followed = ended_at !== null && ended_at === all[index + 1]?.started_at;
  return {
    name,
    at: toNumber(started_at),
    ...(ended_at !== null && !followed && { ended: toNumber(ended_at) }),
    ...(outcome === "SUCCEEDED" && followed ? {} : withoutNulls({ outcome })),
    ...withoutNulls({ detail }),
  };
}

/** HEAD tells of whom it is. */
export function endedOperation(item: Item, { id: deployment_id, uid, group }: Head, id: string): Operation {
  const { kind, revision, slot = null, actor, epoch, interrupts_serving = false, outcome, cause = null, weights = {} } = item;
  const steps = (item.steps as Item[]).map(({ at, ended, ...step }) => ({
    ...(step as { name: string }),
    started_at: toInstant(at),
    ...(ended !== undefined && { ended_at: toInstant(ended) }),
  }));
  return {
    ...({ id, deployment_id, uid, group, kind, revision, epoch, slot, outcome, cause, weights, actor, interrupts_serving } as Operation),
    steps: closeSteps(steps),
    started_at: toInstant(item.started_at),
    ended_at: toInstant(item.ended_at),
    deadline: toInstant(item.deadline),
    evidence: evidenceIn(item),
  };
}
