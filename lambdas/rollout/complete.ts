import { endOperation } from "../../domain/ending.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { endWith } from "./end-step.ts";
import { instant, type StepPorts } from "./step.ts";

/** Ends the operation as SUCCEEDED: its slot has the traffic and the other one is empty. No step of its own in the record: one write. */
export async function complete(input: WorkflowInput, { record, clock }: Omit<StepPorts, "clusters">): Promise<Record<string, never>> {
  const { operation_id } = input;
  await endWith(input, record, "SUCCEEDED", (head) =>
    endOperation(head, { operation_id, outcome: "SUCCEEDED", cause: null, condition: null, at: instant(clock) }),
  );
  return {};
}
