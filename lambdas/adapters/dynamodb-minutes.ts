import { keptDays } from "../ports/metrics-store.ts";
import type { Item } from "./dynamodb-items.ts";
import type { Table } from "./dynamodb-query.ts";
import { pause } from "./dynamodb-transaction.ts";

/** Items by minute: two of the same minute and rest of the key are one, and each goes after some days. Times in milliseconds. */

/** What one request may write. */
const writtenAtOnce = 25;

export interface NewMinute {
  pk: string;
  at: number;
  /** Of the key, behind the minute. */
  rest: string;
  fields: object;
}

/** Of two with the same key the later. What DynamoDB leaves over is written again. */
export async function keepMinutes({ client, name }: Table, minutes: readonly NewMinute[]): Promise<void> {
  const items = new Map(minutes.map((minute) => [`${minute.pk} ${sortKeyOf(minute)}`, itemOf(minute)]));
  const writes = [...items.values()].map((Item) => ({ PutRequest: { Item } }));
  for (let start = 0; start < writes.length; start += writtenAtOnce) {
    let left = writes.slice(start, start + writtenAtOnce);
    for (let attempt = 1; left.length > 0; attempt += 1) {
      if (attempt > 1) await pause(Math.min(attempt, 6));
      const { UnprocessedItems = {} } = await client.batchWrite({ RequestItems: { [name]: left } });
      left = (UnprocessedItems[name] ?? []) as typeof left;
    }
  }
}

const sortKeyOf = ({ at, rest }: NewMinute): string => `${minuteOf(at)}#${rest}`;
const itemOf = (minute: NewMinute): Item => ({
  ...{ pk: minute.pk, sk: sortKeyOf(minute), at: minute.at },
  ...minute.fields,
  expires_at: Math.floor(minute.at / 1000) + keptDays * 86_400,
});

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
