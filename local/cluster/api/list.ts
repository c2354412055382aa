import type { Resource } from "../objects/resource.ts";
import { keyOf } from "../objects/resource.ts";
import { apiVersionOf, type KindRule } from "./kinds.ts";
import { objectFilter } from "./object-filter.ts";
import { badRequest, expired } from "./status-error.ts";
import type { Store } from "./store.ts";

/** Where a page ends: the version that all pages show, and the last key, below the namespace when the list is of one. */
interface Continue {
  v: "meta.k8s.io/v1";
  rv: number;
  start: string;
}

interface ObjectList {
  kind: string;
  apiVersion: string;
  metadata: object;
  /** Of a built-in kind without kind and apiVersion. */
  items: Resource[];
}

/** Of a token that goes on from what is there now, because what was is forgotten. */
const fromNow = -1;

const continueExpired =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, " +
  "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an " +
  "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/** The list object of one request: all that match, or a page of them as they were when the first page was read. */
export function listObjects(store: Store, rule: KindRule, namespace: string, query: URLSearchParams): ObjectList {
  const matches = objectFilter(rule, namespace, query);
  const from = readContinue(query.get("continue"));
  const revision = from && from.rv !== fromNow ? from.rv : store.revision;
  const then = revision === store.revision ? store.list(rule) : store.changes.rewind(rule, store.list(rule), revision);
  if (!then) throw expired(continueExpired, { continue: writeContinue(fromNow, from?.start ?? "") });
  const keyBelow = (object: Resource) => `/${namespace ? object.metadata.name : keyOf(object)}\u0000`;
  const rest = then.filter((object) => matches(object) && (!from || keyBelow(object) > from.start));
  const limit = Number(query.get("limit") ?? 0) || rest.length;
  const items = rest.slice(0, limit);
  const more = rest.length > limit && {
    continue: writeContinue(revision, keyBelow(items.at(-1) as Resource)),
    // With a selector the real server would have to read on in order to know.
    ...(!isSelective(query) && { remainingItemCount: rest.length - limit }),
  };
  return {
    kind: `${rule.kind}List`,
    apiVersion: apiVersionOf(rule),
    metadata: { resourceVersion: String(revision), ...more },
    items: rule.custom ? items : items.map(({ kind: _, apiVersion: __, ...item }) => item as Resource),
  };
}

function isSelective(query: URLSearchParams): boolean {
  return Boolean(query.get("labelSelector") || query.get("fieldSelector"));
}

function readContinue(token: string | null): Pick<Continue, "rv" | "start"> | undefined {
  if (!token) return undefined;
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, "base64url").toString());
    if (typeof rv === "number" && typeof start === "string") return { rv, start };
  } catch {
    // Answered below, together with a token of another shape.
  }
  throw badRequest("invalid continue token: continue key is not valid: it was not given by a list of this server");
}

function writeContinue(rv: number, start: string): string {
  const position: Continue = { v: "meta.k8s.io/v1", rv, start };
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}
