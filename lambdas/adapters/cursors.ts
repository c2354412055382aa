import { createHash } from "node:crypto";
import { Problem } from "../../domain/errors.ts";

/**
 * A cursor names the last item of a page. It is opaque to clients and bound by a hash to the query that gave it:
 * the partition always comes from the query, never from the cursor, so a forged one cannot read another's items.
 */
export interface Position {
  /** Where the query goes on: the last sort key that the page before has read. */
  after: string | null;
  /** Which of the query's partitions that was. */
  partition: number;
}

export function writeCursor(query: unknown, position: Position): string {
  return Buffer.from(JSON.stringify([fingerprint(query), position.partition, position.after])).toString("base64url");
}

export function readCursor(query: unknown, cursor: string | undefined): Position {
  if (cursor === undefined) return { after: null, partition: 0 };
  const [hash, partition, after] = parse(cursor);
  const sound = hash === fingerprint(query) && Number.isInteger(partition) && (after === null || typeof after === "string");
  if (!sound) throw refused(cursor);
  return { partition: partition as number, after: after as string | null };
}

function parse(cursor: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parsed)) return parsed;
  } catch {
    // Not ours: refused below with the reason in words.
  }
  throw refused(cursor);
}

function fingerprint(query: unknown): string {
  return createHash("sha256").update(JSON.stringify(query)).digest("base64url").slice(0, 16);
}

function refused(cursor: string): Problem {
  const detail = "the cursor does not belong to this query. Ask for the first page without a cursor, and keep every filter while paging";
  return new Problem("invalid-input", detail, {
    errors: [{ path: "cursor", message: "not a cursor of this query", given: cursor.slice(0, 200) }],
  });
}
