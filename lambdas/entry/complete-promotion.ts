import { completePromotion } from "../promotion/complete-promotion.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { promotionHandler } from "../runtime/promotion-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { promotionEnding } from "./wiring/promotion-ending.ts";

const ports = promotionEnding(readSettings("CompletePromotion"));

export const handler = promotionHandler(
  withTaskErrors((input: Parameters<typeof completePromotion>[0]) => completePromotion(input, ports)),
);
