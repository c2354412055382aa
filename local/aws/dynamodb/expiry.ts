import { AwsError } from "../error.ts";
import type { EngineClient } from "./client.ts";
import type { Table } from "./tables.ts";

type Item = Record<string, { S?: string; N?: string }>;

/**
 * Deletes items whose time is over, as DynamoDB does some time later; the engine keeps them for ever. Conditional, since
 * an item may get a new life between the read and the delete.
 */
export async function expireItems(table: Table, engine: EngineClient, nowSeconds: number): Promise<number> {
  const { expiry_attribute: expiry } = table;
  if (expiry === null) return 0;
  let deleted = 0;
  for await (const item of expired(table, expiry, engine, nowSeconds)) deleted += await remove(table, expiry, item, engine);
  return deleted;
}

async function* expired(table: Table, expiry: string, engine: EngineClient, nowSeconds: number): AsyncGenerator<Item> {
  let start: object | undefined;
  do {
    const page = await engine.table<{ Items: Item[]; LastEvaluatedKey?: object }>("Scan", {
      TableName: table.name,
      FilterExpression: "#expiry < :now",
      ExpressionAttributeNames: { "#expiry": expiry },
      ExpressionAttributeValues: { ":now": { N: String(nowSeconds) } },
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
    yield* page.Items;
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

async function remove(table: Table, expiry: string, item: Item, engine: EngineClient): Promise<number> {
  try {
    await engine.table("DeleteItem", {
      TableName: table.name,
      Key: Object.fromEntries(table.keys.map((key) => [key, item[key]])),
      ConditionExpression: "#expiry = :expiry",
      ExpressionAttributeNames: { "#expiry": expiry },
      ExpressionAttributeValues: { ":expiry": item[expiry] },
    });
    return 1;
  } catch (error) {
    if (error instanceof AwsError && error.code === "ConditionalCheckFailedException") return 0;
    throw error;
  }
}
