import { WorkflowError } from "../../domain/errors.ts";
import type { ModelVersion } from "../../domain/model.ts";
import type { Operation } from "../../domain/operation.ts";
import { type Promotion, type PromotionChange, type PromotionStage, stageOf } from "../../domain/promotion.ts";
import type { PromotionStageName } from "../../domain/promotion-policy.ts";
import { saveStage } from "../../domain/promotion-transitions.ts";
import { untilUndisturbed } from "../operations/promoting.ts";
import type { PromotionStore } from "../ports/promotions.ts";
import type { DeploymentReader, Registry } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import { instant } from "../rollout/step.ts";

/** What the promotion's workflow starts with: where the promotion is, never data. */
export interface PromotionInput {
  promotion_id: string;
  /** Absent of an execution that an earlier build has started. */
  group?: string;
}

export interface PromotionStepPorts {
  promotions: PromotionStore;
  record: DeploymentReader & Registry;
  clock: Clock;
}

/** `StaleEpoch` when it has ended meanwhile: by a person, or by a newer version. */
export async function underWay(
  { promotion_id, group }: PromotionInput,
  { promotions }: Pick<PromotionStepPorts, "promotions">,
): Promise<Promotion> {
  const promotion = await promotions.promotion(promotion_id, group);
  if (!promotion) throw new Error(`promotion ${promotion_id} is not in the record`);
  if (promotion.outcome === null) return promotion;
  throw new WorkflowError("StaleEpoch", "StaleEpoch", `promotion ${promotion_id} has ended as ${promotion.outcome}`);
}

/**
 * Decided on the promotion as it is, and once more when it moved meanwhile. Gives it as it is then. With `known`, as it was
 * a moment ago, it is read only if it has moved since.
 */
export function changePromotion(
  input: PromotionInput,
  ports: PromotionStepPorts,
  decide: (promotion: Promotion) => PromotionChange | undefined | Promise<PromotionChange | undefined>,
  known?: Promotion,
): Promise<Promotion> {
  let first = known;
  return untilUndisturbed(ports.clock, async () => {
    const promotion = first ?? (await underWay(input, ports));
    first = undefined;
    const change = await decide(promotion);
    if (!change) return promotion;
    await ports.promotions.change(change);
    return change.after;
  });
}

export async function versionOf(
  { model: { group, name, version } }: Promotion,
  record: Pick<Registry, "modelVersion">,
): Promise<ModelVersion> {
  const found = await record.modelVersion(group, name, version);
  if (!found) throw new Error(`version ${version} of ${group}/${name} is not in the record`);
  return found;
}

export function requireStage(promotion: Promotion, name: PromotionStageName): PromotionStage {
  const stage = stageOf(promotion, name);
  if (!stage) throw new Error(`promotion ${promotion.id} has not entered the stage ${name}`);
  return stage;
}

/**
 * The operation of a stage, which has succeeded; null where the version was there already. undefined while it runs: the nested
 * execution was only what woke us, the record is what counts. A failed one is told as the promotion's own cause.
 */
export async function stageEnded(
  promotion: Promotion,
  name: PromotionStageName,
  ports: PromotionStepPorts,
): Promise<Operation | null | undefined> {
  const stage = requireStage(promotion, name);
  if (stage.operation_id === null) return null;
  const operation = await ports.record.operation(stage.operation_id);
  if (!operation) throw new Error(`operation ${stage.operation_id} of promotion ${promotion.id} is not in the record`);
  const { outcome, cause } = operation;
  if (outcome === null) return undefined;
  if (outcome === "SUCCEEDED") return operation;
  const failed = (now: Promotion) =>
    saveStage(now, { ...requireStage(now, name), outcome, ended_at: instant(ports.clock) }, instant(ports.clock));
  await changePromotion({ promotion_id: promotion.id }, ports, failed, promotion);
  const { reason, message } = cause ?? { reason: "OperationCancelled", message: `operation ${operation.id} was ended by somebody else` };
  throw new WorkflowError("PromotionFailed", reason, `${name} (deployment ${stage.deployment_id}, operation ${operation.id}): ${message}`);
}
