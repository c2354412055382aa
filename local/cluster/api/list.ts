import type { Resource } from "../objects/resource.ts";
import { keyOf } from "../objects/resource.ts";
import { apiVersionOf, type KindRule } from "./kinds.ts";
import { objectFilter } from "./object-filter.ts";
import { badRequest, expired } from "./status-error.ts";
import type { Store } from "./store.ts";

interface Continue {
  rv: number;
  start: string;
}

const continueExpired =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, " +
  "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an " +
  "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/** The list object of one request: all that match, or a page of them as they were when the first page was read. */
export function listObjects(store: Store, rule: KindRule, namespace: string, query: URLSearchParams): object {
  const matches = objectFilter(rule, namespace, query);
  const from = readContinue(query.get("continue"));
  const now = store.list(rule, namespace || undefined);
  const then = from ? store.changes.rewind(rule, store.list(rule), from.rv) : now;
  if (!then) throw expired(continueExpired);
  const rest = then.filter((object) => matches(object) && (!from || keyOf(object) > from.start));
  const limit = Number(query.get("limit") ?? 0) || rest.length;
  const items = rest.slice(0, limit);
  const revision = from?.rv ?? store.revision;
  const more =
    rest.length > limit
      ? { continue: writeContinue({ rv: revision, start: keyOf(items.at(-1) as Resource) }), remainingItemCount: rest.length - limit }
      : {};
  return {
    kind: `${rule.kind}List`,
    apiVersion: apiVersionOf(rule),
    metadata: { resourceVersion: String(revision), ...more },
    items: rule.custom ? items : items.map(({ kind: _, apiVersion: __, ...item }) => item),
  };
}

function readContinue(token: string | null): Continue | undefined {
  if (!token) return undefined;
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, "base64url").toString());
    if (typeof rv === "number" && typeof start === "string") return { rv, start };
  } catch {
    // Answered below, together with a token of another shape.
  }
  throw badRequest("continue key is not valid: it was not given by a list of this server");
}

function writeContinue(position: Continue): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}
