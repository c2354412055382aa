import type { Page, PageRequest } from "../ports/record.ts";
import type { DocumentClient } from "../runtime/documents.ts";
import { readCursor, writeCursor } from "./cursors.ts";
import type { Item } from "./dynamodb-items.ts";

/** Names of an index's keys, and how a place in it is written down and found again. */
export interface RangeOfIndex {
  name: string;
  pk: string;
  sk: string;
  positionOf(item: Item): string;
  keyOf(position: string): Item;
}

export interface Table {
  client: DocumentClient;
  name: string;
}

/** Items of one partition whose sort key begins with `begins`. */
export interface Range {
  pk: string;
  begins: string;
  /** Where the range is one of an index: its keys, and what of an entry says where to go on. */
  index?: RangeOfIndex;
  newestFirst?: boolean;
  /** Strongly consistent, for twice the price. */
  consistent?: boolean;
}

/** One request: at most `limit` items after the sort key `after`. `last` is where to go on; absent when nothing is left. */
export async function readRange(
  table: Table,
  range: Range,
  limit: number,
  after: string | null,
): Promise<{ items: Item[]; last?: string }> {
  const { index } = range;
  const names = index ?? { pk: "pk", sk: "sk" };
  const answer = await table.client.query({
    TableName: table.name,
    ...(index && { IndexName: index.name }),
    KeyConditionExpression: range.begins === "" ? "#pk = :pk" : "#pk = :pk AND begins_with(#sk, :begins)",
    ExpressionAttributeNames: { "#pk": names.pk, ...(range.begins !== "" && { "#sk": names.sk }) },
    ExpressionAttributeValues: { ":pk": range.pk, ...(range.begins !== "" && { ":begins": range.begins }) },
    ScanIndexForward: range.newestFirst !== true,
    ...(range.consistent && { ConsistentRead: true }),
    Limit: limit,
    // A sort key outside the range would be refused by DynamoDB, and by us: it can only come from a forged cursor.
    ...(after !== null && { ExclusiveStartKey: index ? index.keyOf(after) : { pk: range.pk, sk: within(range, after) } }),
  });
  const last = answer.LastEvaluatedKey as Item | undefined;
  return { items: (answer.Items ?? []) as Item[], ...(last && { last: positionOf(range, last) }) };
}

/** What a cursor says of where to go on after an item. */
const positionOf = ({ index }: Range, item: Item): string => (index ? index.positionOf(item) : (item.sk as string));

function within(range: Range, sortKey: string): string {
  return sortKey.startsWith(range.begins) ? sortKey : range.begins;
}

/** One page of one range. `query` is what the cursor is bound to. */
export async function readPage<T>(table: Table, query: object, range: Range, page: PageRequest, read: (item: Item) => T): Promise<Page<T>> {
  const { after } = readCursor(query, page.cursor);
  const { items, last } = await readRange(table, range, page.limit, after);
  return { items: items.map(read), ...(last !== undefined && { next_cursor: writeCursor(query, { after: last, partition: 0 }) }) };
}

/** Cards or models read for one page, wanted or not: 100 of them are below 8 RRU. */
const readPerPage = 100;
/** Partitions asked for one page: an empty one costs half a unit too. */
const partitionsPerPage = 8;

/**
 * One page of several partitions in turn, keeping what is wanted. Reads a bounded number of items and partitions:
 * a page may hold fewer items than its limit, even none, and still have a next one.
 */
export async function readPageOfSeveral<T>(
  table: Table,
  query: object,
  ranges: Range[],
  page: PageRequest,
  read: (item: Item) => T,
  wanted?: (entry: T) => boolean,
): Promise<Page<T>> {
  let { after, partition } = readCursor(query, page.cursor);
  const items: T[] = [];
  let budget = readPerPage;
  const lastPartition = Math.min(ranges.length, partition + partitionsPerPage);
  while (partition < lastPartition && items.length < page.limit && budget > 0) {
    const range = ranges[partition] as Range;
    const room = page.limit - items.length;
    // A filter may drop most of what is read: read as much as the page may cost rather than ask many times.
    const found = await readRange(table, range, Math.min(budget, wanted ? readPerPage : room), after);
    budget -= Math.max(found.items.length, 1);
    const entries = found.items.map((item) => ({ position: positionOf(range, item), entry: read(item) }));
    const kept = wanted ? entries.filter(({ entry }) => wanted(entry)) : entries;
    items.push(...kept.slice(0, room).map(({ entry }) => entry));
    // What did not fit begins the next page: go on after the last one taken, not after the last one read.
    if (kept.length > room) {
      after = (kept[room - 1] as { position: string }).position;
      break;
    }
    after = found.last ?? null;
    if (found.last === undefined) partition += 1;
  }
  return { items, ...(partition < ranges.length && { next_cursor: writeCursor(query, { after, partition }) }) };
}
