import { type Promotion, stageOf } from "../../domain/promotion.ts";
import type { Outcome } from "../../domain/words.ts";
import { causeOf, type Failure } from "../rollout/failure-cause.ts";
import { finish } from "./finish.ts";
import { leaveStaging, type StagingPorts } from "./leave-staging.ts";
import { type PromotionInput, type PromotionStepPorts, underWay } from "./step.ts";

export interface PromotionFailureInput extends PromotionInput {
  failure: Failure;
}

/** Nothing failed: it gave way, or nobody wants it any more. */
const cancelled = ["Superseded", "Withdrawn", "OperationCancelled"];
/** Nothing is left to look at in staging: what ended it was no fault of what runs there. */
const throughWithStaging = ["ApprovalExpired"];

/** Ends the promotion with the cause of the first failure: as ROLLED_BACK when production had it and has what was before again. */
export async function recordPromotionFailure(
  { failure, ...input }: PromotionFailureInput,
  ports: PromotionStepPorts & StagingPorts,
): Promise<Record<string, never>> {
  const cause = causeOf(failure);
  const promotion = await underWay(input, ports);
  if (throughWithStaging.includes(cause.reason)) await leaveStaging(promotion, ports);
  await finish(input, ports, { outcome: outcomeOf(promotion, cause.reason), cause, known: promotion });
  return {};
}

function outcomeOf(promotion: Promotion, reason: string): Outcome {
  if (stageOf(promotion, "production")?.outcome === "ROLLED_BACK") return "ROLLED_BACK";
  return cancelled.includes(reason) ? "CANCELLED" : "FAILED";
}
