import { stageOf } from "../../domain/promotion.ts";
import { verified } from "../../domain/promotion-transitions.ts";
import { instant } from "../rollout/step.ts";
import { changePromotion, type PromotionInput, type PromotionStepPorts, stageEnded, versionOf } from "./step.ts";

export interface Verification {
  /** False: the rollout to staging is not over yet. */
  ended: boolean;
  /** It has further to go than staging. */
  more?: boolean;
}

/** The version has passed its smoke tests in staging: it says so from now on, and so does an event. */
export async function recordVerification(input: PromotionInput, ports: PromotionStepPorts): Promise<Verification> {
  const promotion = await stageEnded(input, "staging", ports);
  if (!promotion) return { ended: false };
  const version = await versionOf(promotion, ports.record);
  const isRecorded = (now: typeof promotion) => stageOf(now, "staging")?.outcome === "SUCCEEDED" && version.verified_in.includes("staging");
  await changePromotion(input, ports, (now) => (isRecorded(now) ? undefined : verified(now, version, instant(ports.clock))));
  return { ended: true, more: promotion.environment === "production" };
}
