import type { Operation } from "../../domain/operation.ts";
import type { Promotion, PromotionStage } from "../../domain/promotion.ts";
import type { PromotionStageName } from "../../domain/promotion-policy.ts";
import type { DeploymentReader } from "../ports/record.ts";
import type { Repeatable } from "./idempotency.ts";

/** Under which a promotion begins the operation of a stage: once, and not after its end. */
export const stageKey = ({ id }: Pick<Promotion, "id">, stage: PromotionStageName): Repeatable => ({
  actor: "promotion",
  key: `${id}-${stage}`,
  request_hash: "",
  promotion_id: id,
});

/** What a promotion has begun for a stage, also when it could not write that down any more. */
export async function stageOperation(
  record: DeploymentReader,
  promotion: Pick<Promotion, "id">,
  { name, operation_id }: Pick<PromotionStage, "name" | "operation_id">,
): Promise<Operation | undefined> {
  const { actor, key } = stageKey(promotion, name);
  const id = operation_id ?? (await record.idempotent(actor, key))?.operation_id;
  return id ? record.operation(id) : undefined;
}
