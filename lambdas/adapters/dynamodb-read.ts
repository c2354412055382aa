import type { Item } from "./dynamodb-items.ts";
import type { Key } from "./dynamodb-keys.ts";
import type { Table } from "./dynamodb-query.ts";
import { pause } from "./dynamodb-transaction.ts";

export async function readItem(table: Table, key: Key, consistent: boolean): Promise<Item | undefined> {
  const answer = await table.client.get({ TableName: table.name, Key: key, ConsistentRead: consistent });
  return answer.Item as Item | undefined;
}

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
export async function readSeveral(table: Table, wanted: Key[]): Promise<Item[]> {
  if (wanted.length > keysPerRequest) {
    const rest = wanted.slice(keysPerRequest);
    return [...(await readSeveral(table, wanted.slice(0, keysPerRequest))), ...(await readSeveral(table, rest))];
  }
  const items: Item[] = [];
  let left: Key[] = wanted;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    if (attempt > 1) await pause(Math.min(attempt, 6));
    const answer = await table.client.batchGet({ RequestItems: { [table.name]: { Keys: left } } });
    items.push(...((answer.Responses?.[table.name] ?? []) as Item[]));
    left = (answer.UnprocessedKeys?.[table.name]?.Keys ?? []) as Key[];
  }
  return items;
}
