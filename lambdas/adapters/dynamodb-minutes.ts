import { keptDays } from "../ports/metrics-store.ts";
import type { Item } from "./dynamodb-items.ts";
import type { Table } from "./dynamodb-query.ts";

/** Items by minute: two of the same minute and rest of the key are one, and each goes after some days. Times in milliseconds. */

export async function keepMinute({ client, name }: Table, pk: string, at: number, rest: string, fields: object): Promise<void> {
  const key = { pk, sk: `${minuteOf(at)}#${rest}`, at };
  await client.put({ TableName: name, Item: { ...key, ...fields, expires_at: Math.floor(at / 1000) + keptDays * 86_400 } });
}

/** In order of time, both ends included, with the rest of their keys. */
export async function minutesBetween({ client, name }: Table, pk: string, from: number, until: number): Promise<Minute[]> {
  const items: Item[] = [];
  let next: Item | undefined;
  do {
    const answer = await client.query({
      TableName: name,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :until",
      ExpressionAttributeValues: { ":pk": pk, ":from": minuteOf(from), ":until": `${minuteOf(until)}~` },
      ExclusiveStartKey: next,
    });
    items.push(...((answer.Items ?? []) as Item[]));
    next = answer.LastEvaluatedKey;
  } while (next !== undefined);
  return items
    .map((item) => ({ at: Number(item.at), rest: String(item.sk).split("#").slice(1), item }))
    .filter(({ at }) => at >= from && at <= until)
    .sort((one, other) => one.at - other.at);
}

export interface Minute {
  at: number;
  rest: string[];
  item: Item;
}

const minuteOf = (at: number): string => new Date(at).toISOString().slice(0, 16);
