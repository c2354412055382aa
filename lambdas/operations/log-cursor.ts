import { createHash } from "node:crypto";
import { Problem } from "../../domain/errors.ts";

/**
 * A cursor of a log: opaque to clients, and bound by a hash to the query that gave it. What it says is never trusted with
 * more than where to go on: which deployment is read, comes from the query.
 */
export function writeLogCursor(query: unknown, state: unknown): string {
  return Buffer.from(JSON.stringify([fingerprint(query), state])).toString("base64url");
}

/** undefined without a cursor. Errors: `invalid-input` for one of another query. */
export function readLogCursor<State>(
  query: unknown,
  cursor: string | undefined,
  isState: (state: unknown) => state is State,
): State | undefined {
  if (cursor === undefined) return undefined;
  const [hash, state] = parsed(cursor);
  if (hash !== fingerprint(query) || !isState(state)) throw refused(cursor);
  return state;
}

function parsed(cursor: string): unknown[] {
  try {
    const document: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(document)) return document;
  } catch {
    // Not ours: refused below with the reason in words.
  }
  throw refused(cursor);
}

const fingerprint = (query: unknown): string => createHash("sha256").update(JSON.stringify(query)).digest("base64url").slice(0, 16);

function refused(cursor: string): Problem {
  const detail = "the cursor does not belong to this query. Ask without a cursor first, and keep every filter while going on";
  return new Problem("invalid-input", detail, {
    errors: [{ path: "cursor", message: "not a cursor of this query", given: cursor.slice(0, 80) }],
  });
}
