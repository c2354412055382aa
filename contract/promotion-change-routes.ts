import { groupName, modelName, ulid } from "./grammars.ts";
import { promotionBody, promotionPolicyBody, promotionWord } from "./promotions.ts";
import * as queries from "./queries.ts";
import type { RouteEntry } from "./route.ts";
import { strict } from "./strict.ts";

/** Routes that decide on promotions. */

const model = strict({ group: groupName, name: modelName });
const modelVersion = strict({ group: groupName, name: modelName, version: queries.digits(1, 999_999) });
const promotion = strict({ id: ulid });
const once = ["Idempotency-Key"] as const;

/** Who approves must be seen to be allowed by the gate itself: the route asks only for who may see. */
const word = (verb: "approve" | "reject" | "abort", summary: string) =>
  ({
    method: "POST",
    path: `/v1/promotions/{id}/${verb}`,
    summary,
    tag: "promotions",
    function: "ChangePromotions",
    policy: { role: verb === "abort" ? "member" : "viewer", of: "promotion" },
    headers: once,
    params: promotion,
    query: queries.none,
    body: promotionWord,
    answers: { 200: "Promotion" },
  }) as const;

export const promotionChangeRoutes = {
  putPromotionPolicy: {
    method: "PUT",
    path: "/v1/models/{group}/{name}/promotion-policy",
    summary: "Decide how versions of a model come to production; promotions under way keep the policy that they began with",
    tag: "promotions",
    function: "ChangePromotions",
    policy: { role: "admin", of: "path" },
    params: model,
    query: queries.none,
    body: promotionPolicyBody,
    answers: { 200: "PromotionPolicy" },
  },
  promoteVersion: {
    method: "POST",
    path: "/v1/models/{group}/{name}/versions/{version}/promotions",
    summary: "Promote a version of a model to staging, or a verified one to production",
    tag: "promotions",
    function: "ChangePromotions",
    policy: { role: "member", of: "path" },
    headers: once,
    params: modelVersion,
    query: queries.none,
    body: promotionBody,
    answers: { 202: "StartedPromotion" },
  },
  approvePromotion: word("approve", "Open the gate to production; who may, the model's promotion policy says"),
  rejectPromotion: word("reject", "Keep the gate to production closed, which ends the promotion"),
  abortPromotion: word("abort", "End a promotion at whatever stage it is; what served before it serves on"),
} as const satisfies Record<string, RouteEntry>;
