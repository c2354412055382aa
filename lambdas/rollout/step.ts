import type { Head } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { ActiveOperation } from "../../domain/operation.ts";
import type { Revision } from "../../domain/revision.ts";
import type { Cluster, Clusters } from "../ports/cluster.ts";
import type { DeploymentReader, OperationProgress, StepFence } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { WorkflowInput } from "../ports/workflows.ts";

/** What every step that touches the cluster is given. */
export interface StepPorts {
  record: DeploymentReader & OperationProgress;
  clusters: Clusters;
  clock: Clock;
}

/** A step that has begun: this executor was the newest when it did. */
export interface Step {
  head: Head;
  operation: ActiveOperation;
  cluster: Cluster;
}

/** Marks the step as running. `StaleEpoch` when a newer operation has begun, or a step that the workflow came to later. */
export async function beginStep(input: WorkflowInput, name: string, { record, clusters, clock }: StepPorts): Promise<Step> {
  const head = await record.enterStep(input, name, instant(clock), input.visit);
  if (!head.active_operation) throw overtaken(input);
  return { head, operation: head.active_operation, cluster: await clusters(head.place.cluster) };
}

/** The same for the step that an operation is begun with: the record has it already, and nothing is written. */
export async function beginFirstStep(input: WorkflowInput, name: string, ports: StepPorts): Promise<Step> {
  const { head, operation } = await newest(input, ports.record);
  if (operation.step !== name) return beginStep(input, name, ports);
  return { head, operation, cluster: await ports.clusters(head.place.cluster) };
}

/** For what writes nothing: no step of its own. `StaleEpoch` when a newer operation has begun. */
export async function newest(
  { uid, operation_id, epoch }: WorkflowInput,
  record: Pick<DeploymentReader, "head">,
): Promise<Pick<Step, "head" | "operation">> {
  const head = await record.head(uid);
  const operation = head?.active_operation;
  if (head?.epoch !== epoch || operation?.id !== operation_id) throw overtaken({ uid, epoch });
  return { head, operation };
}

/** For what only this step may write. */
export const fenceOf = ({ uid, operation_id, epoch }: WorkflowInput, { operation }: Pick<Step, "operation">): StepFence => ({
  ...{ uid, operation_id, epoch },
  steps: operation.steps.length,
});

/** The revision that the operation is about; immutable, so an eventually consistent read that finds it is right. */
export async function revisionOf({ head, operation }: Pick<Step, "head" | "operation">, record: DeploymentReader): Promise<Revision> {
  const revision = await record.revision(head.uid, operation.revision);
  if (!revision) throw new Error(`revision ${operation.revision} of deployment ${head.id} is not in the record`);
  return revision;
}

export const instant = (clock: Pick<Clock, "now">): string => new Date(clock.now()).toISOString();

export const overtaken = ({ uid, epoch }: Pick<WorkflowInput, "uid" | "epoch">): WorkflowError =>
  new WorkflowError("StaleEpoch", "StaleEpoch", `epoch ${epoch} of deployment ${uid} is over: a newer operation has begun`);

/** `StaleEpoch` when a newer operation has begun. */
export async function requireNewest({ uid, epoch }: Pick<Head, "uid" | "epoch">, record: Pick<DeploymentReader, "head">): Promise<void> {
  if ((await record.head(uid))?.epoch !== epoch) throw overtaken({ uid, epoch });
}

/** For loops: `DeadlineExceeded` once the operation has outlived its deadline, with what it was waiting for. */
export function requireTime(operation: ActiveOperation, clock: Pick<Clock, "now">, waitingFor: string): void {
  if (clock.now() < Date.parse(operation.deadline)) return;
  throw new WorkflowError("DeadlineExceeded", "DeadlineExceeded", `the deadline ${operation.deadline} is over: ${waitingFor}`);
}
