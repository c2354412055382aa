import { compare, type Difference } from "../../domain/comparison.ts";
import type { Condition, DeploymentEvent, Operation, Revision } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { Page, PageRequest } from "../ports/record.ts";
import type { Caller } from "./caller.ts";
import { findDeployment, findState } from "./find-deployment.ts";
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

/**
 * The record keeps the latest hundred transitions in one item. A new one comes before the others, so a cursor counts what
 * is left from the oldest: paging neither repeats nor leaves out one that was there when it began.
 */
export async function listConditions({ record }: Reading, caller: Caller, id: string, page: PageRequest): Promise<Page<Condition>> {
  const { head, observed } = await findState(record, caller, id);
  const transitions = observed?.transitions ?? [];
  const left = page.cursor === undefined ? transitions.length : readLeft(page.cursor, head.uid);
  const start = Math.max(0, transitions.length - left);
  const rest = left - page.limit;
  return { items: transitions.slice(start, start + page.limit), ...(rest > 0 && { next_cursor: writeLeft(head.uid, rest) }) };
}

const writeLeft = (uid: string, left: number) => Buffer.from(`${uid} ${left}`).toString("base64url");

function readLeft(cursor: string, uid: string): number {
  const [of, left] = Buffer.from(cursor, "base64url").toString("utf8").split(" ");
  if (of === uid && left !== undefined && /^[0-9]{1,3}$/.test(left)) return Number(left);
  const message = "not a cursor of this query: ask for the first page without one";
  throw new Problem("invalid-input", `The query is not valid. cursor: ${message}`, { errors: [{ path: "cursor", message }] });
}
