import type { Answer } from "../../contract/answers.ts";
import { type Promotion, stageOf } from "../../domain/promotion.ts";
import { promoteVersion } from "../operations/begin-promotion.ts";
import type { Caller } from "../operations/caller.ts";
import { abortPromotion, approvePromotion, rejectPromotion } from "../operations/decide-promotion.ts";
import { once } from "../operations/idempotency.ts";
import type { Changing, Reading } from "../operations/installation.ts";
import type { Promoting } from "../operations/promoting.ts";
import { getPromotionPolicy, putPromotionPolicy } from "../operations/promotion-policy.ts";
import { getPromotion, listPromotions } from "../operations/read-promotions.ts";
import type { PromotionStore } from "../ports/promotions.ts";
import type { Handlers } from "./dispatch.ts";

type Reads = "getPromotionPolicy" | "listPromotions" | "getPromotion";

export function readPromotions(ports: Reading & { promotions: PromotionStore }): Pick<Handlers<"ReadRecord">, Reads> {
  return {
    async getPromotionPolicy({ caller, params: { group, name } }) {
      return { status: 200, body: await getPromotionPolicy(ports, caller, group, name) };
    },
    async listPromotions({ caller, query: { group, model, ...page } }) {
      const { items, ...next } = await listPromotions(ports, caller, { group, model }, page);
      return { status: 200, body: { items: items.map(promotionView), ...next } };
    },
    async getPromotion({ caller, params }) {
      return { status: 200, body: promotionView(await getPromotion(ports, caller, params.id)) };
    },
  };
}

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

/** A promotion as it crosses the wire: what only the workflow needs stays behind. */
function promotionView(promotion: Promotion): Answer<"Promotion"> {
  const { id, model, environment, stages, waiting_for, waiting_until, outcome, cause, requested_by, automatic } = promotion;
  const { approval, override, supersedes, created_at, ended_at, deadline } = promotion;
  const staging = stageOf(promotion, "staging");
  const verification =
    staging?.outcome === "SUCCEEDED"
      ? { operation_id: staging.operation_id, deployment_id: staging.deployment_id, at: staging.ended_at }
      : null;
  return {
    ...{ id, model, environment, stages: stages.map(({ uid: _, ...stage }) => stage), waiting_for, waiting_until, outcome, cause },
    ...{ requested_by, automatic, approved_by: approval?.by ?? null, evidence: { verification, approval, override } },
    ...{ supersedes, created_at, ended_at, deadline },
  };
}
