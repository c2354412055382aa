import type { Cause } from "../../domain/condition.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { Promotion } from "../../domain/promotion.ts";
import type { PromotionWorkflow } from "../ports/promotion-workflow.ts";
import type { Log } from "../ports/surroundings.ts";
import { finish } from "../promotion/finish.ts";
import type { PromotionStepPorts } from "../promotion/step.ts";
import { forEach } from "./sync-ports.ts";

export interface HealPorts extends PromotionStepPorts {
  promotionWorkflow: PromotionWorkflow;
  log: Log;
}

/** Every promotion whose turn it is runs: started if nobody did, woken if nobody told it of its approval, ended if nobody will. */
export async function healPromotions(ports: HealPorts): Promise<void> {
  const ids = await ports.promotions.underWay().catch((error: unknown) => {
    ports.log.warn("promotions could not be looked at now", error as Error);
    return [];
  });
  await forEach(
    ids,
    (id) => `promotion ${id}`,
    ports.log,
    async (id) => {
      const promotion = await ports.promotions.promotion(id);
      if (promotion && promotion.outcome === null) await heal(promotion, ports);
    },
  );
}

async function heal(promotion: Promotion, ports: HealPorts): Promise<void> {
  const { id, model, deadline, approval, task_token } = promotion;
  if (ports.clock.now() > Date.parse(deadline)) {
    await end(promotion, { reason: "DeadlineExceeded", message: `the deadline ${deadline} is over` }, ports);
    return ports.promotionWorkflow.stop(id, `the promotion's deadline ${deadline} is over`);
  }
  const { active } = await ports.promotions.lane(model.group, model.name);
  if (active !== id) return;
  const status = await ports.promotionWorkflow.status(id);
  if (status === undefined) return ports.promotionWorkflow.start(id, model.group);
  if (status === "RUNNING") {
    if (approval && task_token) await ports.promotionWorkflow.wake(task_token);
    return;
  }
  await end(promotion, { reason: "WorkflowEnded", message: `the workflow ended as ${status} without recording an outcome` }, ports);
}

async function end({ id }: Promotion, cause: Cause, ports: HealPorts): Promise<void> {
  try {
    await finish({ promotion_id: id }, ports, { outcome: "FAILED", cause });
  } catch (error) {
    // Ended at this very moment by who else could.
    if (!(error instanceof WorkflowError && error.name === "StaleEpoch")) throw error;
  }
}
