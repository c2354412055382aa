import { readCursor, writeCursor } from "../../lambdas/adapters/cursors.ts";
import type { Page, PageRequest } from "../../lambdas/ports/record.ts";

/** One page of items by their sort keys, with the cursors of the real record. */
export function pageOf<T>(query: object, entries: { item: T; sk: string }[], page: PageRequest, order: "newest" | "by name"): Page<T> {
  const direction = order === "newest" ? -1 : 1;
  const sorted = entries.toSorted((a, b) => direction * (a.sk < b.sk ? -1 : a.sk > b.sk ? 1 : 0));
  const { after } = readCursor(query, page.cursor);
  const rest = after === null ? sorted : sorted.filter(({ sk }) => direction * (sk < after ? -1 : sk > after ? 1 : 0) > 0);
  const taken = rest.slice(0, page.limit);
  const last = taken.at(-1);
  return {
    items: structuredClone(taken.map(({ item }) => item)),
    ...(last && rest.length > taken.length && { next_cursor: writeCursor(query, { after: last.sk, partition: 0 }) }),
  };
}

/** One page of several partitions, one after the other, each newest first: as the real record reads them. */
export function pageOfPartitions<T extends { id: string }>(query: object, partitions: T[][], { limit, cursor }: PageRequest): Page<T> {
  const { after, partition } = readCursor(query, cursor);
  const all = partitions.flatMap((items, index) => items.toSorted((a, b) => (a.id < b.id ? 1 : -1)).map((item) => ({ item, index })));
  const rest = all.filter(({ item, index }) => index > partition || (index === partition && (after === null || item.id < after)));
  const taken = rest.slice(0, limit);
  const last = taken.at(-1);
  return {
    items: structuredClone(taken.map(({ item }) => item)),
    ...(last && rest.length > taken.length && { next_cursor: writeCursor(query, { after: last.item.id, partition: last.index }) }),
  };
}
