import { cardOf } from "../../domain/card.ts";
import { isCleanUp } from "../../domain/clean-up.ts";
import type { Decision } from "../../domain/decision.ts";
import type { Head } from "../../domain/deployment.ts";
import { endOperation } from "../../domain/ending.ts";
import { slotNames } from "../../domain/words.ts";
import { type DeploymentWriter, RecordConflict } from "../ports/record.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { endWith } from "../rollout/end-step.ts";
import { instant, type StepPorts } from "../rollout/step.ts";

type Ports = Omit<StepPorts, "clusters"> & { record: DeploymentWriter };

/** Ends a STOP or DELETE as SUCCEEDED. After a clean-up, the slots that it has emptied are named no more. */
export async function completeShutdown(input: WorkflowInput, { record, clock }: Ports): Promise<Record<string, never>> {
  if (isCleanUp(input)) return forgetSlots(input, record);
  const { operation_id } = input;
  await endWith(input, record, "SUCCEEDED", (head) =>
    endOperation(head, { operation_id, outcome: "SUCCEEDED", cause: null, condition: null, at: instant(clock) }),
  );
  return {};
}

/** When a person was quicker, the new operation has the slots to itself and removes what it does not need. */
async function forgetSlots({ uid, epoch }: WorkflowInput, record: Ports["record"]): Promise<Record<string, never>> {
  const head = await record.head(uid);
  if (!head || head.epoch !== epoch || head.active_operation) return {};
  const slots = { ...head.slots };
  for (const slot of slotNames) if (!slots[slot]?.weight) slots[slot] = null;
  const after: Head = { ...head, slots, version: head.version + 1 };
  const decision: Decision = { before: head, after, events: [], card: cardOf(after) };
  await record.commit(decision).catch((error: unknown) => {
    if (!(error instanceof RecordConflict)) throw error;
  });
  return {};
}
