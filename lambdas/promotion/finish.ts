import type { Cause } from "../../domain/condition.ts";
import type { Promotion } from "../../domain/promotion.ts";
import { endPromotion, failureIn } from "../../domain/promotion-transitions.ts";
import type { Outcome } from "../../domain/words.ts";
import { instant } from "../rollout/step.ts";
import { changePromotion, type PromotionInput, type PromotionStepPorts } from "./step.ts";

/** Ends the promotion and gives its model's lane to who waits next; the event that tells of it has that one started. */
export function finish(
  input: PromotionInput,
  ports: PromotionStepPorts,
  { outcome, cause, actor = "slipway", known }: { outcome: Outcome; cause: Cause | null; actor?: string; known?: Promotion },
): Promise<Promotion> {
  const ended = async (promotion: Promotion) => {
    const { group, name } = promotion.model;
    const at = instant(ports.clock);
    const change = endPromotion(promotion, await ports.promotions.lane(group, name), { outcome, cause, at, actor });
    const failure = outcome === "FAILED" && cause ? failureIn(promotion, cause, at) : null;
    return failure ? { ...change, version: { failure } } : change;
  };
  return changePromotion(input, ports, ended, known);
}
