import * as z from "zod";
import { gates, promotionStages, weekdays } from "../../domain/promotion-policy.ts";
import { triggerOutcomes } from "../../domain/trigger.ts";
import { outcomes, roles } from "../../domain/words.ts";
import { signature } from "./signature.ts";
import { smokeTest } from "./specification.ts";
import { at, cause, count, loose, strict, text } from "./words.ts";

export const model = strict({ group: text, name: text, description: text, latest_version: count, created_at: at, created_by: text });
export const modelVersion = strict({
  group: text,
  name: text,
  version: count,
  artifact_uri: text,
  runtime: text.nullable(),
  framework: text.nullable(),
  training_job: text.nullable(),
  metrics: z.record(text, z.number()),
  metadata: z.record(text, text),
  /** As it was registered. */
  signature: signature.nullable(),
  /** As its server told it when staging verified the version, and where that is not what was registered. */
  observed_signature: strict({ ...signature.shape, operation_id: text, at, differences: z.array(text) }).nullable(),
  checksum: text.nullable(),
  registered_by: text,
  registered_at: at,
  verified_in: z.array(text),
  approved_by: z.array(text),
  running_in: z.array(text),
  /** The group has more deployments than were looked at. */
  running_in_more: z.literal(true).optional(),
  /** Every promotion it was in, oldest first. */
  promotions: z.array(text),
  /** Who reported it; null when it was registered by hand. */
  source: strict({ name: text, id: text, sequence: z.number() }).nullable(),
  /** How it failed in staging the last time; null when it did not, or has passed since. */
  failure: strict({ reason: text, message: text, environment: text, promotion_id: text, at }).nullable(),
  /** Its source does not stand by it any more: nothing sends it on its way but a person. */
  withdrawn: strict({ by: text, at, reason: text }).nullable(),
});
export const trigger = strict({
  id: text,
  source: text,
  kind: text,
  /** null: it names none that is known. */
  group: text.nullable(),
  model: text.nullable(),
  version: count.nullable(),
  /** null while it is looked at. */
  outcome: z.enum(triggerOutcomes).nullable(),
  reason: text.nullable(),
  received_at: at,
  handled_at: at.nullable(),
  attempts: count,
});
const stageName = z.enum(promotionStages);
const promotionTarget = strict({ deployment_id: text, specification: loose });
export const promotionPolicy = strict({
  automatic: z.enum(["none", ...promotionStages]),
  staging: promotionTarget,
  production: promotionTarget,
  smoke_tests: z.array(smokeTest).nullable(),
  gate: z.enum(gates),
  soak_seconds: count,
  approval: strict({ least_role: z.enum(roles), approvers: z.array(text), expires_seconds: count, four_eyes: z.boolean() }),
  freeze_windows: z.array(
    z.union([
      strict({ from: text, to: text, reason: text }),
      strict({ days: z.array(z.enum(weekdays)), from_time: text, to_time: text, reason: text }),
    ]),
  ),
  in_flight: z.enum(["supersede", "queue"]),
  staging_afterwards: z.enum(["stop", "keep"]),
  /** null: nobody has decided yet, and this is what holds until then. */
  updated_at: at.nullable(),
  updated_by: text.nullable(),
});
const promotionStage = strict({
  name: stageName,
  deployment_id: text,
  operation_id: text.nullable(),
  revision: count.nullable(),
  outcome: z.enum(outcomes).nullable(),
  ended_at: at.nullable(),
});
export const promotion = strict({
  id: text,
  model: strict({ group: text, name: text, version: count }),
  environment: stageName,
  stages: z.array(promotionStage),
  /** What it waits for; a version before it in the same model's queue is none of these. */
  waiting_for: z.enum(["approval", "soak", "freeze"]).nullable(),
  /** When the approval expires, or the soak or freeze is looked at again. */
  waiting_until: at.nullable(),
  outcome: z.enum(outcomes).nullable(),
  cause: cause.nullable(),
  requested_by: text,
  /** Nobody asked for it but the model's promotion policy. */
  automatic: z.boolean(),
  approved_by: text.nullable(),
  evidence: strict({
    /** The operation that verified it in staging; its evidence has every request and answer. */
    verification: strict({ operation_id: text.nullable(), deployment_id: text, at: at.nullable() }).nullable(),
    approval: strict({ by: text, at, comment: text }).nullable(),
    override: strict({ by: text, at, reason: text }).nullable(),
  }),
  supersedes: text.nullable(),
  created_at: at,
  ended_at: at.nullable(),
  deadline: at,
});
