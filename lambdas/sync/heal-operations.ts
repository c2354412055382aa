import type { Ending } from "../../domain/decision.ts";
import type { Head } from "../../domain/deployment.ts";
import { abandonOperation, endOperation, sweepOperation } from "../../domain/ending.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { ActiveOperation } from "../../domain/operation.ts";
import { type Workflow, workflowOf } from "../../domain/operation-kinds.ts";
import { bakeStep } from "../../domain/rollout-plan.ts";
import { servingSlot } from "../../domain/traffic.ts";
import { RecordConflict } from "../ports/record.ts";
import { forEach, type SyncPorts } from "./sync-ports.ts";

/** A workflow ends its operation by itself when the deadline is over; it needs a moment for that. */
const graceMilliseconds = 120_000;

/** Every operation under way is one that runs: started if nobody did, ended if nobody will. */
export async function healOperations(heads: Head[], ports: SyncPorts): Promise<void> {
  await forEach(
    heads,
    ({ id }) => `the operation of deployment ${id}`,
    ports.log,
    async (head) => {
      if (head.active_operation) await healOperation(head, head.active_operation, ports);
    },
  );
}

async function healOperation(head: Head, operation: ActiveOperation, ports: SyncPorts): Promise<void> {
  const { workflows, clock } = ports;
  const workflow: Workflow = workflowOf(head);
  const at = new Date(clock.now()).toISOString();
  if (clock.now() > Date.parse(operation.deadline) + graceMilliseconds) {
    await end(head, (now) => sweepOperation(now, { operation_id: operation.id, at }), ports);
    // Only now: until the epoch was raised, a stopped execution could have been ended by nobody.
    await workflows.stop(workflow, operation.id, `the operation's deadline ${operation.deadline} is over`);
    return;
  }
  const status = await workflows.status(workflow, operation.id);
  if (status === "RUNNING") return;
  if (status === undefined) await workflows.start(workflow, { uid: head.uid, operation_id: operation.id, epoch: head.epoch });
  else await end(head, (now) => unrecordedEnd(now, operation, status, at), ports);
}

/** Decided on HEAD as it is: the list it came from may be a moment old, and the operation long over. */
async function end({ uid, epoch, active_operation }: Head, decide: (now: Head) => Ending, { record }: SyncPorts): Promise<void> {
  const now = await record.head(uid);
  const operation_id = active_operation?.id ?? "";
  if (!now || now.epoch !== epoch || now.active_operation?.id !== operation_id) return;
  try {
    await record.endOperation({ uid, operation_id, epoch }, decide(now));
  } catch (error) {
    const isOvertaken = error instanceof RecordConflict || (error instanceof WorkflowError && error.name === "StaleEpoch");
    if (!isOvertaken) throw error;
  }
}

/** The execution ended and could not say so. When its slot has all traffic and was judged, all that was left to do was to say so. */
function unrecordedEnd(head: Head, { id, slot, kind, step }: ActiveOperation, status: string, at: string): Ending {
  if (slot && servingSlot(head.slots) === slot && step !== bakeStep) {
    return endOperation(head, { operation_id: id, outcome: "SUCCEEDED", cause: null, condition: null, at });
  }
  const cause = { reason: "WorkflowEnded", message: `the workflow of ${kind} ended as ${status} without recording an outcome` };
  return abandonOperation(head, { operation_id: id, cause, at });
}
