import { conditionRefused } from "../runtime/documents.ts";
import { toItem } from "./dynamodb-items.ts";
import { groupsPartition, keys, prefixes } from "./dynamodb-keys.ts";
import { readRange, type Table } from "./dynamodb-query.ts";
import { readItem } from "./dynamodb-read.ts";
import type { Part } from "./dynamodb-transaction.ts";

/** The groups in which something was made, or that a platform admin has put. None is ever taken away. */
export function groupNames(table: Table) {
  /** Found there by this process: what was there is there. */
  const seen = new Set<string>();
  return {
    list: () => readGroups(table),
    async put(name: string, actor: string, at: string, locations?: string[] | null): Promise<void> {
      if (!seen.has(name)) await putGroup(table, name, actor, at);
      seen.add(name);
      if (locations !== undefined) await putLocations(table, name, locations);
    },
    /** Consistent: what has just been closed is closed. */
    async locations(name: string): Promise<string[] | null> {
      const item = await readItem(table, keys.group(name), true);
      return (item?.model_locations as string[] | null | undefined) ?? null;
    },
    /** To be written with the first thing in a group, so that what is refused makes no group known. */
    async firstIn(name: string, actor: string, at: string): Promise<Part[]> {
      if (seen.has(name)) return [];
      if (!(await readItem(table, keys.group(name), false))) return [made(table, name, actor, at)];
      seen.add(name);
      return [];
    },
  };
}
export type GroupNames = ReturnType<typeof groupNames>;

async function readGroups(table: Table): Promise<string[]> {
  const names: string[] = [];
  for (let after: string | null | undefined = null; after !== undefined; ) {
    const found = await readRange(table, { pk: groupsPartition, begins: prefixes.group }, 1_000, after);
    names.push(...found.items.map(({ name }) => String(name)));
    after = found.last;
  }
  return names;
}

async function putGroup(table: Table, name: string, actor: string, at: string): Promise<void> {
  const Item = toItem(keys.group(name), "GROUP", { name, created_by: actor, created_at: at });
  const input = { TableName: table.name, Item, ConditionExpression: "attribute_not_exists(pk)" };
  await table.client.put(input).catch((error: unknown) => {
    // It is there already: who made it first stays named.
    if (!conditionRefused(error)) throw error;
  });
}

async function putLocations(table: Table, name: string, locations: string[] | null): Promise<void> {
  await table.client.update({
    TableName: table.name,
    Key: keys.group(name),
    UpdateExpression: "SET model_locations = :locations",
    ExpressionAttributeValues: { ":locations": locations },
  });
}

/** Without a condition, which somebody who makes the same group at the same moment would fail: who was first stays named. */
function made(table: Table, name: string, actor: string, at: string): Part {
  const { pk, sk, ...fields } = toItem(keys.group(name), "GROUP", { name, created_by: actor, created_at: at });
  const names = Object.keys(fields);
  const Update = {
    TableName: table.name,
    Key: { pk, sk },
    UpdateExpression: `SET ${names.map((field) => `#${field} = if_not_exists(#${field}, :${field})`).join(", ")}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((field) => [`#${field}`, field])),
    ExpressionAttributeValues: Object.fromEntries(Object.entries(fields).map(([field, value]) => [`:${field}`, value])),
  };
  return { write: { Update }, refused: () => new Error(`the group ${name} could not be made known`) };
}
