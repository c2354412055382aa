import { stageOf } from "../../domain/promotion.ts";
import { verified } from "../../domain/promotion-transitions.ts";
import { signatureSeen } from "../../domain/signature.ts";
import { instant } from "../rollout/step.ts";
import { changePromotion, type PromotionInput, type PromotionStepPorts, stageEnded, underWay, versionOf } from "./step.ts";

export interface Verification {
  /** False: the rollout to staging is not over yet. */
  ended: boolean;
  /** It has further to go than staging. */
  more?: boolean;
}

/** The version has passed its smoke tests in staging: it says so from now on, and so does an event. */
export async function recordVerification(input: PromotionInput, ports: PromotionStepPorts): Promise<Verification> {
  const promotion = await underWay(input, ports);
  const operation = await stageEnded(promotion, "staging", ports);
  if (operation === undefined) return { ended: false };
  const seen = operation?.evidence ? signatureSeen(operation.evidence) : undefined;
  const version = await versionOf(promotion, ports.record);
  const isRecorded = (now: typeof promotion) => stageOf(now, "staging")?.outcome === "SUCCEEDED" && version.verified_in.includes("staging");
  const record = (now: typeof promotion) => (isRecorded(now) ? undefined : verified(now, version, instant(ports.clock), seen));
  await changePromotion(input, ports, record, promotion);
  return { ended: true, more: promotion.environment === "production" };
}
