import type { Head } from "../../domain/deployment.ts";
import type { Operation } from "../../domain/operation.ts";
import type { Page, PageRequest } from "../ports/record.ts";
import { readCursor, writeCursor } from "./cursors.ts";
import { evidenceIn } from "./dynamodb-evidence.ts";
import { headOf } from "./dynamodb-head-item.ts";
import type { Item } from "./dynamodb-items.ts";
import { deploymentPartition, keys, prefixes } from "./dynamodb-keys.ts";
import { endedOperation } from "./dynamodb-operation-item.ts";
import type { DeploymentTable } from "./dynamodb-places.ts";
import { readRange } from "./dynamodb-query.ts";
import { readItem, readSeveral } from "./dynamodb-read.ts";
import { operationUnderWay } from "./running-operation.ts";

/** By the id alone, which leads to its deployment: one request, and a consistent one when that saw neither beginning nor end. */
export async function readOperation(table: DeploymentTable, id: string): Promise<Operation | undefined> {
  const wanted = [keys.head(id), keys.operation(id)] as const;
  const found = await readSeveral(table, [...wanted]);
  const read = await operationIn(table, id, ...wanted.map(({ sk }) => found.find((item) => item.sk === sk)));
  if (read) return read;
  return operationIn(table, id, ...(await Promise.all(wanted.map((key) => readItem(table, key, true)))));
}

async function operationIn(table: DeploymentTable, id: string, headItem?: Item, item?: Item): Promise<Operation | undefined> {
  const head = headItem && (await headOf(table, headItem));
  if (!head) return undefined;
  if (item?.outcome) return endedOperation(item, head, id);
  return head.active_operation?.id === id ? operationUnderWay(head, head.active_operation, evidenceIn(item)) : undefined;
}

/** Newest first: the one under way, which is on HEAD, and then those that have ended. */
export async function readOperations(table: DeploymentTable, uid: string, page: PageRequest): Promise<Page<Operation>> {
  const query = { operations: uid };
  const { after } = readCursor(query, page.cursor);
  const range = { pk: deploymentPartition(uid), begins: prefixes.operation, newestFirst: true };
  const [headItem, { items, last }] = await Promise.all([
    readItem(table, keys.head(uid), false),
    readRange(table, range, page.limit, after),
  ]);
  if (!headItem) return { items: [] };
  const head = await headOf(table, headItem);
  const ended = items.filter(({ outcome }) => outcome !== undefined).map((item) => endedOperation(item, head, idOf(item)));
  const listed = [...(after === null ? underWay(head, items) : []), ...ended];
  const taken = listed.slice(0, page.limit);
  const end = taken.at(-1);
  const more = last !== undefined || listed.length > taken.length;
  return { items: taken, ...(more && end && { next_cursor: writeCursor(query, { after: keys.operation(end.id).sk, partition: 0 }) }) };
}

/** Nothing when its item says already that it has ended: HEAD was read a moment too early. */
function underWay(head: Head, items: Item[]): Operation[] {
  const active = head.active_operation;
  const own = items.find((item) => idOf(item) === active?.id);
  return active && !own?.outcome ? [operationUnderWay(head, active, evidenceIn(own))] : [];
}

const idOf = ({ sk }: Item): string => (sk as string).slice(prefixes.operation.length);
