import { groupName, modelName, ulid } from "./grammars.ts";
import { promotionList } from "./list-queries.ts";
import * as queries from "./queries.ts";
import { noParameters, type RouteEntry, signedIn } from "./route.ts";
import { strict } from "./strict.ts";

/** Routes that read promotions: a function that only reads is not kept waiting for the schemas of a policy. */

const model = strict({ group: groupName, name: modelName });
const promotion = strict({ id: ulid });

export const promotionRoutes = {
  getPromotionPolicy: {
    method: "GET",
    path: "/v1/models/{group}/{name}/promotion-policy",
    summary: "Say how versions of a model come to production",
    tag: "promotions",
    function: "ReadRecord",
    policy: { role: "viewer", of: "path" },
    params: model,
    query: queries.none,
    answers: { 200: "PromotionPolicy" },
  },
  listPromotions: {
    method: "GET",
    path: "/v1/promotions",
    summary: "List the promotions of your groups, newest first",
    tag: "promotions",
    function: "ReadRecord",
    policy: signedIn,
    params: noParameters,
    query: promotionList,
    answers: { 200: "PromotionList" },
  },
  getPromotion: {
    method: "GET",
    path: "/v1/promotions/{id}",
    summary: "Get a promotion with its stages, its gate and its evidence",
    tag: "promotions",
    function: "ReadRecord",
    policy: { role: "viewer", of: "promotion" },
    params: promotion,
    query: queries.none,
    answers: { 200: "Promotion" },
  },
} as const satisfies Record<string, RouteEntry>;
