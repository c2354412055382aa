import { stageOf } from "../../domain/promotion.ts";
import { saveStage } from "../../domain/promotion-transitions.ts";
import { instant } from "../rollout/step.ts";
import { finish } from "./finish.ts";
import { leaveStaging, type StagingPorts } from "./leave-staging.ts";
import { changePromotion, type PromotionInput, type PromotionStepPorts, stageEnded } from "./step.ts";

/** Ends the promotion as SUCCEEDED where it was to go. `ended` false: the rollout there is not over yet. */
export async function completePromotion(input: PromotionInput, ports: PromotionStepPorts & StagingPorts): Promise<{ ended: boolean }> {
  const stage = (await ports.promotions.promotion(input.promotion_id))?.environment ?? "staging";
  const promotion = await stageEnded(input, stage, ports);
  if (!promotion) return { ended: false };
  const at = instant(ports.clock);
  const served = await changePromotion(input, ports, (now) => {
    const own = stageOf(now, stage);
    return own && own.outcome === null ? saveStage(now, { ...own, outcome: "SUCCEEDED", ended_at: at }, at) : undefined;
  });
  // While the model's lane is this promotion's: after its end nobody would come back to stop what is left.
  if (stage === "production") await leaveStaging(served, ports);
  await finish(input, ports, { outcome: "SUCCEEDED", cause: null });
  return { ended: true };
}
