import { Problem } from "../../domain/errors.ts";
import type { ModelVersion } from "../../domain/model.ts";
import { isInProduction, type Promotion, type PromotionChange } from "../../domain/promotion.ts";
import { approve, endPromotion } from "../../domain/promotion-transitions.ts";
import { roles } from "../../domain/words.ts";
import { abortRunning } from "./abort-running.ts";
import { type Caller, requireRole, roleIn } from "./caller.ts";
import { type Changing, timestamp } from "./installation.ts";
import { againWhenOvertaken, overtakenWhenStale } from "./overtaken.ts";
import { type Promoting, startWhenFirst, stopExecution, untilUndisturbed } from "./promoting.ts";
import { getPromotion } from "./read-promotions.ts";
import { stageOperation } from "./stage-operation.ts";

/** A person's word at the gate. First in the record, where it counts; then the workflow is woken. */
export async function approvePromotion(ports: Promoting, caller: Caller, id: string, comment: string): Promise<Promotion> {
  const { before, after } = await untilUndisturbed(ports.clock, async () => {
    const promotion = await waiting(ports, caller, id, true);
    const { group, name, version } = promotion.model;
    const found = await ports.record.modelVersion(group, name, version);
    if (!found) throw new Error(`version ${version} of ${group}/${name} is not in the record`);
    const change = approve(promotion, found, { by: caller.actor, at: timestamp(ports.clock), comment });
    await ports.promotions.change(change);
    return change;
  });
  if (before?.task_token) await wake(ports, after, before.task_token);
  return after;
}

/** The gate stays closed, which ends the promotion. Who may approve may reject. */
export async function rejectPromotion(ports: Promoting, caller: Caller, id: string, comment: string): Promise<Promotion> {
  const change = await untilUndisturbed(ports.clock, async () => {
    const promotion = await waiting(ports, caller, id, false);
    return end(ports, promotion, caller, { reason: "Rejected", message: said(`rejected by ${caller.actor}`, comment) });
  });
  return followUp(ports, change);
}

/** At whatever stage it is. An operation that a stage has begun is aborted with it: what served before it serves on. */
export async function abortPromotion(ports: Promoting & Changing, caller: Caller, id: string, comment: string): Promise<Promotion> {
  const change = await untilUndisturbed(ports.clock, async () => {
    const promotion = await getPromotion(ports, caller, id);
    requireRole(caller, promotion.model.group, "member");
    if (promotion.cause?.reason === "Aborted") return undefined;
    if (promotion.outcome) throw over(promotion, "aborted");
    return end(ports, promotion, caller, { reason: "Aborted", message: said(`aborted by ${caller.actor}`, comment) });
  });
  // Asked again after no answer came: what its stages have begun may not be ended yet.
  const after = change?.after ?? (await getPromotion(ports, caller, id));
  await abortStages(ports, caller, after);
  return change ? followUp(ports, change) : after;
}

/**
 * Notes that its own source has rejected a version, and ends its promotions unless production has begun: that is left to a
 * person. What serves in staging stays. Gives the ids. Noted first: a promotion that begins at this moment sees it.
 */
export async function withdrawVersion(
  ports: Promoting,
  { group, name, version }: ModelVersion,
  { actor, reason }: { actor: string; reason: string },
): Promise<string[]> {
  await ports.record.noteWithdrawal({ group, name, version }, { by: actor, at: timestamp(ports.clock), reason });
  const { active, queued } = await ports.promotions.lane(group, name);
  const ended: string[] = [];
  for (const id of [active, ...queued]) {
    const change = await untilUndisturbed(ports.clock, async () => {
      const promotion = id === null ? undefined : await ports.promotions.promotion(id, group);
      if (!promotion || promotion.outcome || promotion.model.version !== version || isInProduction(promotion)) return undefined;
      return end(ports, promotion, { actor }, { reason: "Withdrawn", message: `${actor}: ${reason}` });
    });
    if (change) ended.push((await followUp(ports, change)).id);
  }
  return ended;
}

async function end(
  ports: Promoting,
  promotion: Promotion,
  caller: Pick<Caller, "actor">,
  cause: { reason: string; message: string },
): Promise<PromotionChange> {
  const lane = await ports.promotions.lane(promotion.model.group, promotion.model.name);
  const change = endPromotion(promotion, lane, { outcome: "CANCELLED", cause, actor: caller.actor, at: timestamp(ports.clock) });
  await ports.promotions.change(change);
  return change;
}

async function followUp(ports: Promoting, { after, lane }: PromotionChange): Promise<Promotion> {
  await stopExecution(ports, after);
  if (lane && lane.after.active !== after.id) await startWhenFirst(ports, lane.after.active, after.model.group);
  return after;
}

async function abortStages(ports: Promoting & Changing, caller: Caller, promotion: Promotion): Promise<void> {
  for (const stage of promotion.stages) {
    const operation = await stageOperation(ports.record, promotion, stage);
    if (!operation || operation.outcome !== null) continue;
    await againWhenOvertaken(ports.clock, async () => {
      const head = await ports.record.head(operation.uid);
      if (head?.active_operation?.id === operation.id) await overtakenWhenStale(() => abortRunning(ports, caller, head));
    });
  }
}

async function wake({ promotionWorkflow, log }: Promoting, { id }: Promotion, token: string): Promise<void> {
  try {
    await promotionWorkflow.wake(token);
  } catch (error) {
    log.warn(`promotion ${id} was approved and its workflow could not be told now; sync will tell it`, error as Error);
  }
}

/** One that waits for a word of this very person, and whose time for it is not over. */
async function waiting(ports: Promoting, caller: Caller, id: string, isApproval: boolean): Promise<Promotion> {
  const promotion = await getPromotion(ports, caller, id);
  requireApprover(promotion, caller, isApproval);
  const { waiting_for, waiting_until, outcome, approval } = promotion;
  if (outcome) throw over(promotion, "approved or rejected");
  if (waiting_for !== "approval") {
    const why = approval
      ? `it was approved by ${approval.by} at ${approval.at}`
      : `it waits for ${waiting_for ?? "nobody: its stages are under way"}`;
    throw notNow(promotion, `promotion ${id} waits for no word: ${why}`);
  }
  if (waiting_until !== null && ports.clock.now() >= Date.parse(waiting_until))
    throw notNow(promotion, `the time to approve promotion ${id} was over at ${waiting_until}. Promote the version again`);
  return promotion;
}

function requireApprover({ model, policy, requested_by }: Promotion, caller: Caller, isApproval: boolean): void {
  const { least_role, approvers, four_eyes } = policy.approval;
  const role = roleIn(caller, model.group) ?? "viewer";
  const refuse = (why: string) => new Problem("forbidden", `the gate of ${model.group}/${model.name} is not yours to open: ${why}`);
  if (roles.indexOf(role) < roles.indexOf(least_role)) throw refuse(`it needs the role ${least_role}; yours is ${role}`);
  if (approvers.length > 0 && !approvers.includes(caller.actor)) throw refuse(`it is for ${approvers.join(", ")}`);
  if (isApproval && four_eyes && caller.actor === requested_by)
    throw refuse("you asked for this promotion, and its policy wants another person's eyes on it");
}

const over = (promotion: Promotion, done: string) =>
  notNow(promotion, `promotion ${promotion.id} cannot be ${done}: it ended as ${promotion.outcome} at ${promotion.ended_at}`);

const notNow = ({ outcome, waiting_for }: Promotion, detail: string) =>
  new Problem("not-allowed-in-status", detail, { members: { outcome, waiting_for, allowed: outcome ? [] : ["abort"] } });

const said = (what: string, comment: string) => (comment ? `${what}: ${comment}` : what);
