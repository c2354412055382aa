import * as z from "zod/mini";
import { gates, promotionStages, weekdays } from "../domain/promotion-policy.ts";
import { roles } from "../domain/words.ts";
import { createBody } from "./create.ts";
import { deploymentId, longText, oneLineText, whole } from "./grammars.ts";
import { smokeTests } from "./smoke-tests.ts";
import { oneOf, orNull, strict } from "./strict.ts";

/** Promotions and the policies that they go by. */

const day = 86_400;
const instant = () => z.iso.datetime({ offset: true, error: "a time as 2026-12-24T18:00:00Z" });
const timeOfDay = () => z.string().check(z.regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$/, "a time of the day in UTC, as 18:00"));
const reason = () => z._default(oneLineText(200), "");

const once = () =>
  strict({ from: instant(), to: instant(), reason: reason() }).check(
    z.refine(({ from, to }) => Date.parse(from) < Date.parse(to), { path: ["to"], error: "later than from" }),
  );
const weekly = () =>
  strict({
    days: z.array(oneOf(weekdays, "day of the week")).check(z.minLength(1, "name at least one day")),
    from_time: timeOfDay(),
    to_time: timeOfDay(),
    reason: reason(),
  });
const freezeWindow = () =>
  z.union([once(), weekly()], {
    error: 'either {"from", "to"} with two times, or {"days", "from_time", "to_time"} for each week, in UTC',
  });

const target = () =>
  strict({
    /** null: made of the model's name. */
    deployment_id: orNull(deploymentId),
    /** As in POST /v1/deployments, without group, id, environment and model: what a deployment that does not exist yet is made with. */
    specification: z._default(z.record(z.string(), z.unknown()), {}),
  });

const approval = () =>
  strict({
    least_role: z._default(oneOf(roles, "role"), "admin"),
    approvers: z._default(z.array(oneLineText(256)).check(z.maxLength(50)), []),
    expires_seconds: z._default(whole(60, 14 * day), 3 * day),
    four_eyes: z._default(z.boolean(), true),
  });

/** `PUT …/promotion-policy`. */
export const promotionPolicyBody = z.lazy(() =>
  strict({
    automatic: z._default(oneOf(["none", ...promotionStages], "way"), "production"),
    staging: z.prefault(target(), {}),
    production: z.prefault(target(), {}),
    smoke_tests: orNull(smokeTests),
    gate: z._default(oneOf(gates, "gate"), "approval"),
    soak_seconds: z._default(whole(0, 14 * day), 0),
    approval: z.prefault(approval(), {}),
    freeze_windows: z._default(z.array(z.lazy(freezeWindow)).check(z.maxLength(50)), []),
    in_flight: z._default(oneOf(["supersede", "queue"], "rule"), "supersede"),
    staging_afterwards: z._default(oneOf(["stop", "keep"], "rule"), "stop"),
  }).check((context) => {
    const { gate, soak_seconds } = context.value;
    if (gate === "soak" && soak_seconds === 0)
      context.issues.push({ code: "custom", path: ["soak_seconds"], message: "how long it soaks: at least 1", input: soak_seconds });
  }),
);
export type PromotionPolicyBody = z.output<typeof promotionPolicyBody>;

/** `POST …/versions/{version}/promotions`. */
export const promotionBody = z.lazy(() =>
  strict({
    environment: oneOf(promotionStages, "environment"),
    /** Why an admin lets a version into production that is not verified. */
    override: orNull(oneLineText(500).check(z.regex(/\S/, "say why"))),
  }),
);

/** `approve`, `reject` and `abort`. */
export const promotionWord = strict({ comment: z._default(longText(1000), "") });

/** What the deployment of a stage is created with: parsed as the body of a create is. */
export const stageSpecification = (given: Record<string, unknown>) => createBody.safeParse(given);
