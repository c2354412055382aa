import type { Head } from "../../domain/deployment.ts";
import { workflowOf } from "../../domain/operation-kinds.ts";
import { abortOperation } from "../../domain/operations.ts";
import { RecordConflict } from "../ports/record.ts";
import type { Caller } from "./caller.ts";
import { type Changing, timestamp } from "./installation.ts";

/**
 * Ends the operation under way as CANCELLED, so that another may begin: first in the record, where it takes away the
 * workflow's right to write, then the workflow itself. Gives HEAD without an operation.
 */
export async function abortRunning(ports: Changing, caller: Caller, head: Head): Promise<Head> {
  const running = head.active_operation;
  if (!running) return head;
  const ending = abortOperation(head, { operation_id: running.id, actor: caller.actor, at: timestamp(ports.clock) });
  const after = await ports.record.endOperation({ uid: head.uid, operation_id: running.id, epoch: head.epoch }, ending);
  // Another request aborted it first, with the same outcome, and has begun what it asked for already.
  if (after.active_operation) throw new RecordConflict("version", `deployment ${head.id} has moved`);
  try {
    await ports.workflows.stop(workflowOf(head), running.id, ending.operation.cause?.message ?? "aborted");
  } catch (error) {
    ports.log.warn(
      `the workflow of operation ${running.id} could not be stopped; it ends at its next step, which may write nothing`,
      error as Error,
    );
  }
  return after;
}
