import type { Head } from "../../domain/deployment.ts";
import { endOperation } from "../../domain/operations.ts";
import type { Status } from "../../domain/words.ts";
import type { Caller } from "./caller.ts";
import { workflowOf } from "./carry-out.ts";
import { type Changing, timestamp } from "./installation.ts";

/**
 * Ends the operation under way as CANCELLED, so that another may begin: first in the record, where it takes away the
 * workflow's right to write, then the workflow itself. Gives HEAD without an operation.
 */
export async function abortRunning(ports: Changing, caller: Caller, head: Head, status: Status, why: string): Promise<Head> {
  const running = head.active_operation;
  if (!running) return head;
  const cause = { reason: "Aborted", message: `${caller.actor} ${why} while ${running.kind} was under way` };
  const ending = endOperation(head, {
    operation_id: running.id,
    outcome: "CANCELLED",
    cause,
    condition: null,
    at: timestamp(ports.clock),
    status,
  });
  const after = await ports.record.endOperation({ uid: head.uid, operation_id: running.id, epoch: head.epoch }, ending);
  try {
    await ports.workflows.stop(workflowOf(running.kind), running.id, cause.message);
  } catch (error) {
    ports.log.warn(
      `the workflow of operation ${running.id} could not be stopped; it ends at its next step, which may write nothing`,
      error as Error,
    );
  }
  return after;
}
