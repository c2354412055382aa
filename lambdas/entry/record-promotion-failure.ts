import { recordPromotionFailure } from "../promotion/record-promotion-failure.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { promotionHandler } from "../runtime/promotion-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { promotionEnding } from "./wiring/promotion-ending.ts";

const ports = promotionEnding(readSettings("RecordPromotionFailure"));

export const handler = promotionHandler(
  withTaskErrors((input: Parameters<typeof recordPromotionFailure>[0]) => recordPromotionFailure(input, ports)),
);
