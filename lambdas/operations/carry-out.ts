import type { Head } from "../../domain/deployment.ts";
import type { Operation } from "../../domain/operation.ts";
import { type Workflow, workflowOf } from "../../domain/operation-kinds.ts";
import { weightsOf } from "../../domain/traffic.ts";
import type { Change } from "../ports/record.ts";
import { kept, type Occasion } from "./idempotency.ts";
import type { Changing } from "./installation.ts";

export interface Begun {
  head: Head;
  operation: Operation;
}

/**
 * Saves a decision with its operation, then starts the workflow that carries it out. When that cannot be started the
 * operation stands all the same: sync starts what is recorded and not running.
 */
export async function carryOut(ports: Changing, change: Change, occasion: Occasion | undefined, statusCode = 202): Promise<Begun> {
  const { after: head, operation } = change;
  if (!operation) throw new Error(`the change of deployment ${head.id} begins no operation`);
  const idempotency = kept(occasion, { status_code: statusCode, uid: head.uid, operation_id: operation.id });
  const promotion = occasion && "promotion" in occasion && occasion.promotion(operation);
  await ports.record.commit({ ...change, ...(idempotency && { idempotency }), ...(promotion && { promotion }) });
  await startWorkflow(ports, workflowOf(head), operation);
  // As it is read from now on: steps and weights of a running operation are those of HEAD.
  const steps = head.active_operation?.steps ?? operation.steps;
  return { head, operation: { ...operation, steps, weights: weightsOf(head.slots) } };
}

async function startWorkflow({ workflows, log }: Changing, workflow: Workflow, { id, uid, epoch }: Operation): Promise<void> {
  try {
    await workflows.start(workflow, { uid, operation_id: id, epoch });
  } catch (error) {
    log.warn(`the workflow of operation ${id} could not be started now; sync will start it`, error as Error);
  }
}
