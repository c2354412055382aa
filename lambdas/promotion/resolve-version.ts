import { WorkflowError } from "../../domain/errors.ts";
import type { ModelVersion } from "../../domain/model.ts";
import { isNewer, type Promotion } from "../../domain/promotion.ts";
import { type PromotionInput, type PromotionStepPorts, underWay, versionOf } from "./step.ts";

/** What chooses the way through the state machine. */
export interface Resolved {
  /** Where the version goes next: it is not verified twice. */
  way: "staging" | "production";
}

/** Looks at the version as the registry has it, and gives way when a newer one came while this one waited its turn. */
export async function resolveVersion(input: PromotionInput, ports: PromotionStepPorts): Promise<Resolved> {
  const promotion = await underWay(input, ports);
  const version = await versionOf(promotion, ports.record);
  requireStoodBy(promotion, version);
  await requireNewest(promotion, ports);
  const isVerified = version.verified_in.includes("staging") || promotion.override !== null;
  return { way: promotion.environment === "production" && isVerified ? "production" : "staging" };
}

/** Its source may have rejected it at the moment in which the promotion began. */
function requireStoodBy({ automatic }: Promotion, { withdrawn }: ModelVersion): void {
  if (automatic && withdrawn) throw new WorkflowError("PromotionFailed", "Withdrawn", `${withdrawn.by}: ${withdrawn.reason}`);
}

async function requireNewest(promotion: Promotion, { promotions, record }: PromotionStepPorts): Promise<void> {
  if (!promotion.automatic || promotion.policy.in_flight !== "supersede") return;
  const { group, name } = promotion.model;
  const { newest } = await promotions.lane(group, name);
  if (!newest || !isNewer(newest, await versionOf(promotion, record))) return;
  throw new WorkflowError(
    "PromotionFailed",
    "Superseded",
    `version ${newest.version} came while version ${promotion.model.version} waited`,
  );
}
