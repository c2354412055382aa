import { groupName, modelName, ulid } from "./grammars.ts";
import * as queries from "./queries.ts";
import { noParameters, type RouteEntry, signedIn } from "./route.ts";
import { strict } from "./strict.ts";

/** Routes that read promotions: a function that only reads is not kept waiting for the schemas of a policy. */

const model = strict({ group: groupName, name: modelName });
const promotion = strict({ id: ulid });
const once = ["Idempotency-Key"] as const;

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
    query: queries.promotionList,
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

/** Routes of what other systems report. */
export const triggerRoutes = {
  listTriggers: {
    method: "GET",
    path: "/v1/triggers",
    summary: "List what came in from other systems and what became of it, newest first",
    tag: "triggers",
    function: "ReadRecord",
    policy: { role: "member", of: "any" },
    params: noParameters,
    query: queries.triggerList,
    answers: { 200: "TriggerList" },
  },
  replayTrigger: {
    method: "POST",
    path: "/v1/triggers/{id}/replay",
    summary: "Look at a trigger once more; what it has done already it does not do again",
    tag: "triggers",
    function: "ReceiveReport",
    policy: { role: "member", of: "trigger" },
    headers: once,
    params: promotion,
    query: queries.none,
    answers: { 200: "Trigger" },
  },
} as const satisfies Record<string, RouteEntry>;
