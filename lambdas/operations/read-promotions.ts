import { Problem } from "../../domain/errors.ts";
import type { Promotion } from "../../domain/promotion.ts";
import type { PromotionStore } from "../ports/promotions.ts";
import type { Page, PageRequest } from "../ports/record.ts";
import { type Caller, maySee } from "./caller.ts";
import type { Reading } from "./installation.ts";
import { groupsAsked } from "./list-deployments.ts";

type Ports = Reading & { promotions: PromotionStore };

export async function listPromotions(
  { record, promotions }: Ports,
  caller: Caller,
  { group, model }: { group?: string | undefined; model?: string | undefined },
  page: PageRequest,
): Promise<Page<Promotion>> {
  return promotions.promotions({ groups: await groupsAsked({ record }, caller, group), model }, page);
}

export async function getPromotion({ promotions }: Ports, caller: Caller, id: string): Promise<Promotion> {
  const promotion = await promotions.promotion(id);
  if (promotion && maySee(caller, promotion.model.group)) return promotion;
  throw new Problem("not-found", `there is no promotion ${id}, or you may not see it. GET /v1/promotions lists those that you may`);
}
