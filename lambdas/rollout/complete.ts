import { endOperation } from "../../domain/ending.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { endWith } from "./end-step.ts";
import { keptWarmSeconds } from "./shift-traffic.ts";
import { instant, revisionOf, type StepPorts } from "./step.ts";

/**
 * Ends the operation as SUCCEEDED: its slot has the traffic, and what had it before is kept warm for as long as the
 * revision says. No step of its own in the record: one write.
 */
export async function complete(input: WorkflowInput, { record, clock }: Omit<StepPorts, "clusters">): Promise<Record<string, never>> {
  const { operation_id } = input;
  await endWith(input, record, "SUCCEEDED", async (head) => {
    const { active_operation: operation } = head;
    const warm_seconds = operation ? keptWarmSeconds({ operation }, await revisionOf({ head, operation }, record)) : 0;
    return endOperation(head, { operation_id, outcome: "SUCCEEDED", cause: null, condition: null, at: instant(clock), warm_seconds });
  });
  return {};
}
