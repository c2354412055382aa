import type { Promotion } from "../../domain/promotion.ts";
import { promoteVersion } from "../operations/begin-promotion.ts";
import type { Caller } from "../operations/caller.ts";
import { abortPromotion, approvePromotion, rejectPromotion } from "../operations/decide-promotion.ts";
import { once } from "../operations/idempotency.ts";
import type { Changing } from "../operations/installation.ts";
import type { Promoting } from "../operations/promoting.ts";
import { putPromotionPolicy } from "../operations/put-promotion-policy.ts";
import { getPromotion } from "../operations/read-promotions.ts";
import type { Handlers } from "./dispatch.ts";
import { promotionView } from "./promotions.ts";

export function changePromotions(ports: Promoting & Changing): Handlers<"ChangePromotions"> {
  const words = { approvePromotion, rejectPromotion, abortPromotion };
  const say =
    (word: keyof typeof words) =>
    async ({ caller, params, body }: { caller: Caller; params: { id: string }; body: { comment: string } }) => ({
      status: 200 as const,
      body: promotionView(await words[word](ports, caller, params.id, body.comment)),
    });
  return {
    async putPromotionPolicy({ caller, params, body }) {
      return { status: 200, body: await putPromotionPolicy(ports, caller, params, body) };
    },
    promoteVersion: ({ caller, params, body, repeatable }) =>
      once(
        ports.record,
        repeatable,
        async () => started(await promoteVersion(ports, caller, { ...params, ...body }, repeatable)),
        async ({ pointer }) => started(await getPromotion(ports, caller, String(pointer.promotion_id))),
      ),
    approvePromotion: say("approvePromotion"),
    rejectPromotion: say("rejectPromotion"),
    abortPromotion: say("abortPromotion"),
  };
}

const started = (promotion: Promotion) => ({
  status: 202 as const,
  headers: { location: `/v1/promotions/${promotion.id}` },
  body: { promotion: promotionView(promotion) },
});
