import type { Head } from "../../domain/deployment.ts";
import type { ActiveOperation } from "../../domain/operation.ts";
import type { Revision } from "../../domain/revision.ts";
import { type RolloutPlan, rolloutPlan } from "../../domain/rollout-plan.ts";
import { formerSlot } from "../../domain/traffic.ts";

/** How the traffic comes to the slot of the operation under way; the same in every step of it. */
export function planOf({ head, operation }: { head: Head; operation: ActiveOperation }, { specification }: Revision): RolloutPlan {
  return rolloutPlan(operation.kind, specification.rollout, formerSlot(head, operation.slot) === null);
}
