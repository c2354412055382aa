import { compare, type Difference } from "../../domain/comparison.ts";
import type { Condition, DeploymentEvent, Operation, Revision } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { Page, PageRequest } from "../ports/record.ts";
import type { Caller } from "./caller.ts";
import { findDeployment } from "./find-deployment.ts";
import type { Reading } from "./installation.ts";

/** What a deployment was: each list newest first, also after it was deleted. */

export async function listRevisions({ record }: Reading, caller: Caller, id: string, page: PageRequest): Promise<Page<Revision>> {
  return record.revisions((await findDeployment(record, caller, id)).uid, page);
}

export async function getRevision({ record }: Reading, caller: Caller, id: string, number: number): Promise<Revision> {
  const head = await findDeployment(record, caller, id);
  const revision = await record.revision(head.uid, number);
  if (!revision) throw new Problem("not-found", `deployment ${head.id} has no revision ${number}: its newest is ${head.revisions.latest}`);
  return revision;
}

/** What the specification and what it was resolved to say differently; who wrote a revision, when and why does not count. */
export async function compareRevisions(ports: Reading, caller: Caller, id: string, a: number, b: number): Promise<Difference[]> {
  const [one, other] = [await getRevision(ports, caller, id, a), await getRevision(ports, caller, id, b)];
  const compared = ({ specification: { update_message: _, ...specification }, resolved }: Revision) => ({ resolved, specification });
  return compare(compared(one), compared(other)).map(({ path, before, after }) => ({ path, before: before ?? null, after: after ?? null }));
}

export async function listOperations({ record }: Reading, caller: Caller, id: string, page: PageRequest): Promise<Page<Operation>> {
  return record.operations((await findDeployment(record, caller, id)).uid, page);
}

export async function listEvents({ record }: Reading, caller: Caller, id: string, page: PageRequest): Promise<Page<DeploymentEvent>> {
  return record.events((await findDeployment(record, caller, id)).uid, page);
}

export async function listConditions({ record }: Reading, caller: Caller, id: string, page: PageRequest): Promise<Page<Condition>> {
  return record.transitions((await findDeployment(record, caller, id)).uid, page);
}
