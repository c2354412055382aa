import { WorkflowError } from "../../domain/errors.ts";
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
  await requireNewest(promotion, ports);
  const isVerified = version.verified_in.includes("staging") || promotion.override !== null;
  return { way: promotion.environment === "production" && isVerified ? "production" : "staging" };
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
