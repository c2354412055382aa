import type { SlotRecord } from "../../domain/deployment.ts";
import type { SlotName } from "../../domain/words.ts";
import type { Step } from "./step.ts";

/** The slot that an operation brings up, or gives the traffic. */
export interface FilledSlot {
  slot: SlotName;
  record: SlotRecord;
}

export function filledSlotOf({ head, operation }: Pick<Step, "head" | "operation">): FilledSlot {
  const record = operation.slot && head.slots[operation.slot];
  if (!operation.slot || !record) throw new Error(`operation ${operation.id} (${operation.kind}) of deployment ${head.id} fills no slot`);
  return { slot: operation.slot, record };
}
