import type { DocumentClient } from "../runtime/documents.ts";
import type { Item } from "./dynamodb-items.ts";
import type { Key } from "./dynamodb-keys.ts";
import type { Table } from "./dynamodb-query.ts";
import { pause } from "./dynamodb-transaction.ts";

/** Reads of one table and one consistency that are one request. */
interface Gathering {
  keys: Map<string, Key>;
  items: Promise<Map<string, Item>>;
}
const gatherings = new WeakMap<DocumentClient, Map<string, Gathering>>();

/** What is asked for at once is one request, whoever asks: each by itself would have a connection of its own. */
export async function readItem(table: Table, key: Key, consistent: boolean): Promise<Item | undefined> {
  const { keys, items } = gathering(table, consistent);
  keys.set(nameOf(key), key);
  return (await items).get(nameOf(key));
}

function gathering(table: Table, consistent: boolean): Gathering {
  const open = gatherings.get(table.client) ?? new Map<string, Gathering>();
  gatherings.set(table.client, open);
  const which = `${table.name} ${consistent}`;
  const begun = open.get(which);
  if (begun) return begun;
  const keys = new Map<string, Key>();
  const items = endOfTurn().then(() => {
    open.delete(which);
    return readKeys(table, [...keys.values()], consistent);
  });
  open.set(which, { keys, items });
  return { keys, items };
}

/** Whoever goes on in this turn has asked by then. */
const endOfTurn = () => new Promise<void>((resolve) => process.nextTick(resolve));

async function readKeys(table: Table, keys: Key[], ConsistentRead: boolean): Promise<Map<string, Item>> {
  const items = keys.length > 1 ? await readSeveral(table, keys, ConsistentRead) : await readOne(table, keys[0], ConsistentRead);
  return new Map(items.map((item) => [nameOf(item as unknown as Key), item]));
}

async function readOne(table: Table, Key: Key | undefined, ConsistentRead: boolean): Promise<Item[]> {
  const { Item } = await table.client.get({ TableName: table.name, Key, ConsistentRead });
  return Item ? [Item] : [];
}

/** A group, a model or an id may hold any character that a separator would be. */
const nameOf = ({ pk, sk }: Key): string => JSON.stringify([pk, sk]);

/**
 * Two items of one partition with no other between them: a query is billed by what it reads together, so both cost what one
 * does. The first again, consistently, when it is not there (yet).
 */
export async function readTwo(table: Table, first: Key, second: Key, consistent: boolean): Promise<[Item | undefined, Item | undefined]> {
  const answer = await table.client.query({
    TableName: table.name,
    KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :second",
    ExpressionAttributeValues: { ":pk": first.pk, ":first": first.sk, ":second": second.sk },
    ConsistentRead: consistent,
  });
  const item = (key: Key) => ((answer.Items ?? []) as Item[]).find(({ sk }) => sk === key.sk);
  return [item(first) ?? (consistent ? undefined : await readItem(table, first, true)), item(second)];
}

const keysPerRequest = 100;

/** In the table's order, not the keys'. All of them: what DynamoDB leaves over is asked again. */
export async function readSeveral(table: Table, wanted: Key[], consistent = false): Promise<Item[]> {
  if (wanted.length > keysPerRequest) {
    const rest = wanted.slice(keysPerRequest);
    return [...(await readSeveral(table, wanted.slice(0, keysPerRequest), consistent)), ...(await readSeveral(table, rest, consistent))];
  }
  const items: Item[] = [];
  let left: Key[] = wanted;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    if (attempt > 1) await pause(Math.min(attempt, 6));
    const answer = await table.client.batchGet({
      RequestItems: { [table.name]: { Keys: left, ...(consistent && { ConsistentRead: true }) } },
    });
    items.push(...((answer.Responses?.[table.name] ?? []) as Item[]));
    left = (answer.UnprocessedKeys?.[table.name]?.Keys ?? []) as Key[];
  }
  return items;
}
