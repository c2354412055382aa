import { awaitApproval as decide } from "../../domain/promotion-transitions.ts";
import type { PromotionWorkflow } from "../ports/promotion-workflow.ts";
import { instant } from "../rollout/step.ts";
import { changePromotion, type PromotionInput, type PromotionStepPorts } from "./step.ts";

export interface AwaitInput extends PromotionInput {
  task_token: string;
}

/** Keeps the token with which the wait is ended. A word that was given before the token was there ends it at once. */
export async function awaitApproval(
  { task_token, ...input }: AwaitInput,
  ports: PromotionStepPorts & { promotionWorkflow: Pick<PromotionWorkflow, "wake"> },
): Promise<Record<string, never>> {
  const promotion = await changePromotion(input, ports, (now) => {
    if (now.waiting_for !== "approval" || now.task_token === task_token) return undefined;
    return decide(now, now.waiting_until ?? instant(ports.clock), task_token, instant(ports.clock));
  });
  if (promotion.waiting_for !== "approval") await ports.promotionWorkflow.wake(task_token);
  return {};
}
