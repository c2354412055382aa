import type { Answer } from "../../contract/answers.ts";
import { type Promotion, stageOf } from "../../domain/promotion.ts";
import type { Reading } from "../operations/installation.ts";
import { getPromotionPolicy } from "../operations/promotion-policy.ts";
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

/** A promotion as it crosses the wire: what only the workflow needs stays behind. */
export function promotionView(promotion: Promotion): Answer<"Promotion"> {
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
