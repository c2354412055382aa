import * as z from "zod";
import { gates, promotionStages, weekdays } from "../domain/promotion-policy.ts";
import { roles } from "../domain/words.ts";
import { createBody } from "./create.ts";
import { deploymentId, longText, oneLineText, whole } from "./grammars.ts";
import { smokeTests } from "./smoke-tests.ts";
import { oneOf, strict } from "./strict.ts";

/** Promotions and the policies that they go by. */

const day = 86_400;
const instant = z.iso.datetime({ offset: true, error: "a time as 2026-12-24T18:00:00Z" });
const timeOfDay = z.string().regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$/, "a time of the day in UTC, as 18:00");
const reason = oneLineText(200).default("");

const once = strict({ from: instant, to: instant, reason }).refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
  path: ["to"],
  error: "later than from",
});
const weekly = strict({
  days: z.array(oneOf(weekdays, "day of the week")).min(1, "name at least one day"),
  from_time: timeOfDay,
  to_time: timeOfDay,
  reason,
});
const freezeWindow = z.union([once, weekly], {
  error: 'either {"from", "to"} with two times, or {"days", "from_time", "to_time"} for each week, in UTC',
});

const target = strict({
  /** null: made of the model's name. */
  deployment_id: deploymentId.nullable().default(null),
  /** As in POST /v1/deployments, without group, id, environment and model: what a deployment that does not exist yet is made with. */
  specification: z.record(z.string(), z.unknown()).default({}),
});

const approval = strict({
  least_role: oneOf(roles, "role").default("admin"),
  approvers: z.array(oneLineText(256)).max(50).default([]),
  expires_seconds: whole(60, 14 * day).default(3 * day),
  four_eyes: z.boolean().default(true),
});

/** `PUT …/promotion-policy`. */
export const promotionPolicyBody = strict({
  automatic: oneOf(["none", ...promotionStages], "way").default("production"),
  staging: target.prefault({}),
  production: target.prefault({}),
  smoke_tests: smokeTests.nullable().default(null),
  gate: oneOf(gates, "gate").default("approval"),
  soak_seconds: whole(0, 14 * day).default(0),
  approval: approval.prefault({}),
  freeze_windows: z.array(freezeWindow).max(50).default([]),
  in_flight: oneOf(["supersede", "queue"], "rule").default("supersede"),
  staging_afterwards: oneOf(["stop", "keep"], "rule").default("stop"),
}).check((context) => {
  const { gate, soak_seconds } = context.value;
  if (gate === "soak" && soak_seconds === 0)
    context.issues.push({ code: "custom", path: ["soak_seconds"], message: "how long it soaks: at least 1", input: soak_seconds });
});
export type PromotionPolicyBody = z.output<typeof promotionPolicyBody>;

/** `POST …/versions/{version}/promotions`. */
export const promotionBody = strict({
  environment: oneOf(promotionStages, "environment"),
  /** Why an admin lets a version into production that is not verified. */
  override: oneLineText(500).regex(/\S/, "say why").nullable().default(null),
});

/** `approve`, `reject` and `abort`. */
export const promotionWord = strict({ comment: longText(1000).default("") });

/** What the deployment of a stage is created with: parsed as the body of a create is. */
export const stageSpecification = (given: Record<string, unknown>) => createBody.safeParse(given);
