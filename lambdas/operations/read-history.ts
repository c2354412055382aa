import { compare, type Difference } from "../../domain/comparison.ts";
import type { Condition } from "../../domain/condition.ts";
import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import { Problem } from "../../domain/errors.ts";
import type { Operation } from "../../domain/operation.ts";
import type { Revision } from "../../domain/revision.ts";
import { type Served, servedTimes } from "../../domain/serving.ts";
import type { Page, PageRequest } from "../ports/record.ts";
import type { Caller } from "./caller.ts";
import { findDeployment } from "./find-deployment.ts";
import type { Reading } from "./installation.ts";

/** What a deployment was: each list newest first, also after it was deleted. */

/** A revision, and when it was what serves, newest first. */
export type RevisionOfHistory = Revision & { served: Served[] };

export async function listRevisions({ record }: Reading, caller: Caller, id: string, page: PageRequest): Promise<Page<RevisionOfHistory>> {
  const { uid } = await findDeployment(record, caller, id);
  const { items, ...next } = await record.revisions(uid, page);
  return { items: await withServed(record, uid, items), ...next };
}

export async function getRevision(ports: Reading, caller: Caller, id: string, number: number): Promise<RevisionOfHistory> {
  const { uid, revision } = await findRevision(ports, caller, id, number);
  const [found] = await withServed(ports.record, uid, [revision]);
  return found as RevisionOfHistory;
}

/** Nothing is stored for it: operations, which end in the transaction that moves what runs, tell it. Newest first, as given. */
async function withServed(record: Reading["record"], uid: string, revisions: Revision[]): Promise<RevisionOfHistory[]> {
  const oldest = revisions.at(-1)?.revision;
  const times = servedTimes(oldest === undefined ? [] : await operationsSince(record, uid, oldest));
  return revisions.map((revision) => ({ ...revision, served: times.get(revision.revision) ?? [] }));
}

/** Oldest first. Whatever ran before an update to this revision, or to one before it, was over when there was this one. */
async function operationsSince(record: Reading["record"], uid: string, revision: number): Promise<Operation[]> {
  const found: Operation[] = [];
  let cursor: string | undefined;
  do {
    const page = await record.operations(uid, { limit: 100, ...(cursor && { cursor }) });
    for (const operation of page.items) {
      found.unshift(operation);
      if (operation.kind === "UPDATE" && operation.revision <= revision) return found;
    }
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}

async function findRevision({ record }: Reading, caller: Caller, id: string, number: number): Promise<{ uid: string; revision: Revision }> {
  const head = await findDeployment(record, caller, id);
  const revision = await record.revision(head.uid, number);
  if (!revision) throw new Problem("not-found", `deployment ${head.id} has no revision ${number}: its newest is ${head.revisions.latest}`);
  return { uid: head.uid, revision };
}

/** What the specification and what it was resolved to say differently; who wrote a revision, when and why does not count. */
export async function compareRevisions(ports: Reading, caller: Caller, id: string, a: number, b: number): Promise<Difference[]> {
  const [{ revision: one }, { revision: other }] = [await findRevision(ports, caller, id, a), await findRevision(ports, caller, id, b)];
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
