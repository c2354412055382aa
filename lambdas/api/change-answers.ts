import type { Head } from "../../domain/deployment.ts";
import type { Observed } from "../../domain/observed.ts";
import type { Operation } from "../../domain/operation.ts";
import type { Revision } from "../../domain/revision.ts";
import type { Changing } from "../operations/installation.ts";
import { storedRevision } from "../operations/load-for-change.ts";
import { waitForEnd } from "../operations/wait-for-operation.ts";
import type { IdempotentAnswer } from "../ports/record.ts";
import { deploymentView } from "./deployment-view.ts";
import type { Reply } from "./dispatch.ts";
import { operationLocation, operationView } from "./operation-view.ts";

/** What is answered to a change of a deployment: when it was made, and again to who asks once more by the same key. */

const etag = ({ version }: Head) => ({ etag: `"${version}"` });

/** An operation that was begun; held until it has ended or `wait` seconds are over. */
export async function operationAnswer(ports: Changing, operation: Operation, wait: number): Promise<Reply<"startDeployment">> {
  const latest = await anyway(ports, () => waitForEnd(ports, operation, wait), operation);
  return { status: 202, headers: operationLocation(latest), body: { operation: operationView(latest) } };
}

export async function createdAnswer(
  ports: Changing,
  head: Head,
  revision: Revision,
  observed?: Observed,
): Promise<Reply<"createDeployment"> & { status: 201 }> {
  return { status: 201, headers: etag(head), body: { deployment: deploymentView(head, observed, revision, ports) } };
}

export async function storedAnswer(ports: Changing, head: Head, revision: Revision): Promise<Reply<"updateDeployment"> & { status: 200 }> {
  return { ...(await createdAnswer(ports, head, revision, await seenOf(ports, head))), status: 200 };
}

/** With `wait` the deployment is shown as it is when the operation has ended, not as it was when it began. */
export async function startedAnswer(
  ports: Changing,
  head: Head,
  revision: Revision,
  operation: Operation,
  wait: number,
): Promise<Reply<"createDeployment"> & { status: 202 }> {
  const latest = await anyway(ports, () => waitForEnd(ports, operation, wait), operation);
  const now = wait > 0 ? await anyway(ports, async () => (await ports.record.head(head.uid)) ?? head, head) : head;
  const observed = wait > 0 || head.revisions.running !== null ? await seenOf(ports, head) : undefined;
  const deployment = deploymentView(now, observed, revision, ports);
  return { status: 202, headers: { ...operationLocation(latest), ...etag(now) }, body: { deployment, operation: operationView(latest) } };
}

export async function createdAgain(ports: Changing, kept: IdempotentAnswer, wait: number): Promise<Reply<"createDeployment">> {
  const { head, revision } = await keptDeployment(ports, kept);
  if (kept.operation_id === null) return createdAnswer(ports, head, revision, await seenOf(ports, head));
  return startedAnswer(ports, head, revision, await keptOperation(ports, kept), wait);
}

export async function updatedAgain(ports: Changing, kept: IdempotentAnswer, wait: number): Promise<Reply<"updateDeployment">> {
  const { head, revision } = await keptDeployment(ports, kept);
  if (kept.operation_id === null) return storedAnswer(ports, head, revision);
  return startedAnswer(ports, head, revision, await keptOperation(ports, kept), wait);
}

export async function keptOperation({ record }: Changing, { operation_id }: IdempotentAnswer): Promise<Operation> {
  const operation = operation_id === null ? undefined : await record.operation(operation_id);
  if (!operation) throw new Error(`the operation ${operation_id} of a kept answer is not stored`);
  return operation;
}

async function keptDeployment(ports: Changing, { uid }: IdempotentAnswer): Promise<{ head: Head; revision: Revision }> {
  const head = uid === null ? undefined : await ports.record.head(uid);
  if (!head) throw new Error(`the deployment ${uid} of a kept answer is not stored`);
  return { head, revision: await storedRevision(ports, head, head.revisions.wanted) };
}

const seenOf = (ports: Changing, { uid }: Head): Promise<Observed | undefined> =>
  anyway(ports, () => ports.record.observed(uid), undefined);

/** A change that is made is answered as made, also when the record cannot be asked any more what became of it. */
async function anyway<T>({ log }: Changing, read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    log.warn("a change was made and is answered so; what became of it could not be read", error as Error);
    return otherwise;
  }
}
