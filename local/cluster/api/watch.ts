import type { ServerResponse } from "node:http";
import type { Resource } from "../objects/resource.ts";
import type { Change } from "./change-log.ts";
import { apiVersionOf, type KindRule } from "./kinds.ts";
import { objectFilter } from "./object-filter.ts";
import { isTrue } from "./request-info.ts";
import { expired, StatusError } from "./status-error.ts";
import type { Store } from "./store.ts";

const bookmarkInterval = 60_000;
const lastBookmarkBeforeEnd = 2_000;
const shortestDefaultTimeout = 1_800_000;
/** A watcher that does not read is cut off rather than kept in memory. */
const mostUnread = 16 * 1024 * 1024;

/** Streams the changes of matching objects, one JSON line each, until the time is over or the client goes; as tables where they are wanted. */
export function serveWatch(
  store: Store,
  rule: KindRule,
  namespace: string,
  query: URLSearchParams,
  response: ServerResponse,
  asTable?: (objects: Resource[], metadata: object) => object,
): void {
  const matches = objectFilter(rule, namespace, query);
  const start = readStart(query);
  const write = (type: string, object: object) => {
    // Its time was over, and the client has not gone yet.
    if (response.writableEnded) return;
    response.write(`${JSON.stringify({ type, object })}\n`);
    if (response.writableLength > mostUnread) response.destroy();
  };
  const send = (type: string, object: Resource) =>
    write(type, asTable?.([object], { resourceVersion: object.metadata.resourceVersion }) ?? object);
  response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-cache, private" });
  response.flushHeaders();
  const missed = start.initial ? [] : store.changes.since(start.revision);
  if (!missed) {
    write("ERROR", expired(`too old resource version: ${start.revision} (${store.changes.oldest})`).toStatus());
    response.end();
    return;
  }
  if (start.initial) for (const object of store.list(rule).filter(matches)) send("ADDED", object);
  const bookmark = (annotations?: object) => write("BOOKMARK", bookmarkOf(rule, store.revision, annotations));
  if (isTrue(query.get("sendInitialEvents"))) bookmark({ "k8s.io/initial-events-end": "true" });
  const forward = (change: Change) => sendChange(change, rule, matches, send);
  for (const change of missed) forward(change);
  const unsubscribe = store.onChange(forward);
  const timers = startTimers(query, isTrue(query.get("allowWatchBookmarks")) ? bookmark : undefined, () => {
    // Before the connection has closed: a bookmark may be due at this very moment.
    leave();
    response.end();
  });
  const leave = (): void => {
    unsubscribe();
    for (const timer of timers) clearTimeout(timer);
  };
  response.on("close", leave);
}

function readStart(query: URLSearchParams): { initial: boolean; revision: number } {
  const text = query.get("resourceVersion") ?? "";
  if (!/^\d*$/.test(text)) {
    // The real server has no better word for it than 500 without a reason.
    throw new StatusError(500, "", `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
  }
  const initial = text === "" || text === "0" || isTrue(query.get("sendInitialEvents"));
  return { initial, revision: Number(text) };
}

function bookmarkOf(rule: KindRule, revision: number, annotations?: object): object {
  const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...(annotations && { annotations }) };
  return { kind: rule.kind, apiVersion: apiVersionOf(rule), metadata };
}

type Send = (type: string, object: Resource) => void;

/** An object that comes to match or ceases to is added or deleted for this watcher. */
function sendChange(change: Change, rule: KindRule, matches: (object: Resource) => boolean, send: Send): void {
  if (change.rule !== rule) return;
  const was = change.previous !== undefined && matches(change.previous);
  const is = change.type !== "DELETED" && matches(change.object);
  if (is) send(was ? "MODIFIED" : "ADDED", change.object);
  else if (was) send("DELETED", change.type === "DELETED" ? change.object : asDeleted(change));
}

function asDeleted({ previous, revision }: Change): Resource {
  const last = previous as Resource;
  return { ...last, metadata: { ...last.metadata, resourceVersion: String(revision) } };
}

function startTimers(query: URLSearchParams, bookmark: (() => void) | undefined, end: () => void): NodeJS.Timeout[] {
  const asked = Number(query.get("timeoutSeconds") ?? 0) * 1000;
  const duration = asked || shortestDefaultTimeout * (1 + Math.random());
  const timers = [setTimeout(end, duration)];
  if (!bookmark) return timers;
  timers.push(setInterval(bookmark, bookmarkInterval), setTimeout(bookmark, Math.max(0, duration - lastBookmarkBeforeEnd)));
  return timers;
}
