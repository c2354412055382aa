import type { Ending } from "../../domain/decision.ts";
import type { Head } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { Outcome } from "../../domain/words.ts";
import { type DeploymentReader, type OperationProgress, RecordConflict } from "../ports/record.ts";
import type { WorkflowInput } from "../ports/workflows.ts";

type EndingRecord = Pick<DeploymentReader, "operation" | "head"> & Pick<OperationProgress, "endOperation">;

const attempts = 3;

/**
 * Ends the operation as HEAD is now, decided anew when HEAD moved meanwhile. A Task that was tried again after its
 * reply was lost finds the operation ended: with the same outcome that is what it wanted.
 */
export async function endWith(
  input: WorkflowInput,
  record: EndingRecord,
  outcome: Outcome,
  decide: (head: Head) => Ending | Promise<Ending>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const head = await record.head(input.uid);
    const isOurs = head?.epoch === input.epoch && head.active_operation?.id === input.operation_id;
    if (!isOurs) return requireEnded(input, record, outcome);
    try {
      await record.endOperation(input, await decide(head));
      return;
    } catch (error) {
      if (!(error instanceof RecordConflict) || attempt === attempts) throw error;
    }
  }
}

async function requireEnded({ uid, operation_id, epoch }: WorkflowInput, record: EndingRecord, outcome: Outcome): Promise<void> {
  const operation = await record.operation(operation_id);
  if (operation?.outcome === outcome) return;
  const how = operation?.outcome ? `it has ended as ${operation.outcome}` : `epoch ${epoch} is over`;
  throw new WorkflowError("StaleEpoch", "StaleEpoch", `operation ${operation_id} of deployment ${uid} cannot end as ${outcome}: ${how}`);
}
