import type { Condition } from "../../domain/condition.ts";
import type { KeptTransitions } from "../../domain/observation.ts";
import type { Observed } from "../../domain/observed.ts";
import type { Page, PageRequest } from "../ports/record.ts";
import { readCursor, writeCursor } from "./cursors.ts";

/**
 * One page of transitions, newest first. They are counted from the oldest, and a cursor is the count of what is left:
 * neither a new one nor the move of some into an item of their own repeats or leaves out any.
 */
export async function pageOfTransitions(
  uid: string,
  observed: Observed | undefined,
  /** Those kept in items of their own that begin before the given count, newest item first; empty when there is none. */
  readKept: (before: number) => Promise<KeptTransitions[]>,
  page: PageRequest,
): Promise<Page<Condition>> {
  const query = { transitions: uid };
  const { after } = readCursor(query, page.cursor);
  if (!observed) return { items: [] };
  const { earlier, transitions } = observed;
  const total = earlier + transitions.length;
  const left = after === null ? total : Math.min(Number(after) || 0, total);
  const items = left > earlier ? transitions.slice(total - left) : [];
  for (let before = Math.min(left, earlier); before > 0 && items.length < page.limit; ) {
    const kept = await readKept(before);
    for (const { first, transitions: oldestFirst } of kept) {
      items.push(...oldestFirst.slice(0, before - first).toReversed());
      before = first;
    }
    if (kept.length === 0) break;
  }
  const rest = left - page.limit;
  return { items: items.slice(0, page.limit), ...(rest > 0 && { next_cursor: writeCursor(query, { after: String(rest), partition: 0 }) }) };
}
