import type { Operation } from "../../domain/operation.ts";
import type { Promotion, PromotionStage } from "../../domain/promotion.ts";
import type { DeploymentReader } from "../ports/record.ts";

/**
 * What a promotion has begun for a stage, which is written with the operation. Earlier builds wrote it after that, and kept the
 * operation under a key of the stage's own.
 */
export async function stageOperation(
  record: DeploymentReader,
  promotion: Pick<Promotion, "id">,
  { name, operation_id }: Pick<PromotionStage, "name" | "operation_id">,
): Promise<Operation | undefined> {
  const id = operation_id ?? (await record.idempotent("promotion", `${promotion.id}-${name}`))?.operation_id;
  return id ? record.operation(id) : undefined;
}
