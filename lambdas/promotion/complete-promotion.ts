import { finish } from "./finish.ts";
import { leaveStaging, type StagingPorts } from "./leave-staging.ts";
import { type PromotionInput, type PromotionStepPorts, stageEnded, underWay } from "./step.ts";

/** Ends the promotion as SUCCEEDED where it was to go. `ended` false: the rollout there is not over yet. */
export async function completePromotion(input: PromotionInput, ports: PromotionStepPorts & StagingPorts): Promise<{ ended: boolean }> {
  const promotion = await underWay(input, ports);
  if ((await stageEnded(promotion, promotion.environment, ports)) === undefined) return { ended: false };
  // While the model's lane is this promotion's: after its end nobody would come back to stop what is left.
  if (promotion.environment === "production") await leaveStaging(promotion, ports);
  // Its last stage ends with it: between the two a newer version could have it give way that has come where it was to go.
  await finish(input, ports, { outcome: "SUCCEEDED", cause: null, known: promotion });
  return { ended: true };
}
