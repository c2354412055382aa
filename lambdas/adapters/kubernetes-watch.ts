import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { endsBeginning, type Scope, type WatchEvent } from "../ports/cluster.ts";
import { type KubernetesAccess, NoReply, open } from "./kubernetes-request.ts";
import { collectionPath } from "./kubernetes-resources.ts";
import { isForbidden, unavailable } from "./kubernetes-retry.ts";
import { scopeQuery } from "./kubernetes-scope.ts";
import { kubernetesError, watchError } from "./kubernetes-status.ts";

/** The API server ends a watch after this long; it is then continued where it ended. */
const watchSeconds = 240;
/** In a row, without an event in between. */
const failuresAllowed = 5;
const longestEventBytes = 4 * 1024 * 1024;

/**
 * Events after `resourceVersion`, over as many connections as it takes, until `signal` aborts. A broken connection
 * is continued from the last version seen; what is too old to continue from is a `KubernetesError` 410.
 */
export async function* watchEvents<T extends KubernetesObject>(
  access: KubernetesAccess,
  kind: Kind,
  scope: Scope,
  resourceVersion: string | null,
  signal: AbortSignal,
  returned: (awayMilliseconds: number) => void = () => undefined,
): AsyncGenerator<WatchEvent<T>> {
  let from = resourceVersion;
  let failures = 0;
  /** Whoever finds it away does not know since when. */
  let lostAt: number | undefined = Number.NEGATIVE_INFINITY;
  const opened = () => {
    if (failures > 0 && lostAt !== undefined) returned(performance.now() - lostAt);
    lostAt = undefined;
  };
  while (!signal.aborted) {
    const path = `${collectionPath(kind, scope.namespace)}?${watchQuery(scope, from)}`;
    // Told as a whole: a connection that breaks off amid it is begun anew, and what it has said may be gone by then.
    let beginning: WatchEvent<T>[] = [];
    try {
      for await (const event of oneConnection<T>(access, path, signal, opened)) {
        failures = 0;
        if (from === null) beginning.push(event);
        if (from === null && !endsBeginning(event)) continue;
        from = event.object.metadata.resourceVersion ?? from;
        yield* beginning.length > 0 ? beginning : [event];
        beginning = [];
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof NoReply)) throw error;
      failures += 1;
      lostAt ??= performance.now();
      if (failures === failuresAllowed) throw unavailable({ method: "WATCH", path }, error);
      await delay(Math.random() * 200 * 2 ** failures, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function* oneConnection<T extends KubernetesObject>(access: KubernetesAccess, path: string, signal: AbortSignal, opened: () => void) {
  const response = await openWatch(access, path, signal);
  opened();
  for await (const line of lines(response)) {
    const event = JSON.parse(line) as { type: WatchEvent<T>["type"] | "ERROR"; object: T };
    if (event.type === "ERROR") throw watchError(event.object as object);
    // Half of an object, which would be kept for as long as the watch lasts.
    delete event.object.metadata.managedFields;
    yield event as WatchEvent<T>;
  }
}

async function openWatch(access: KubernetesAccess, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  for (let attempt = 1; ; attempt++) {
    const [connection, token] = await Promise.all([access.connection(), access.token()]);
    const response = await open(connection, token, { method: "GET", path }, signal).catch((error: unknown) => {
      access.forgetConnection(connection);
      throw error;
    });
    if (response.statusCode === 200) return response;
    const reply = { status: response.statusCode ?? 0, headers: response.headers, body: await bodyOf(response) };
    if (reply.status === 401 && attempt === 1) access.forgetToken(token);
    else if (reply.status === 429 || reply.status >= 500 || isForbidden(reply)) throw new NoReply("EBUSY", kubernetesError(reply).message);
    else throw kubernetesError(reply);
  }
}

/** Event by event: an object may come in several chunks, and several objects in one. */
async function* lines(response: IncomingMessage): AsyncGenerator<string> {
  let rest = "";
  response.setEncoding("utf8");
  try {
    for await (const chunk of chunks(response)) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() as string;
      if (rest.length > longestEventBytes) throw new Error(`a watch event is longer than ${longestEventBytes} bytes`);
      for (const part of parts) if (part !== "") yield part;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code ? new NoReply(code, `the watch broke off: ${message}`) : error;
  }
}

/** By its events: the iterator of a stream takes a starting function a millisecond more. */
async function* chunks(response: IncomingMessage): AsyncGenerator<string> {
  let [isOver, wake, failure]: [boolean, () => void, unknown] = [false, () => undefined, undefined];
  const over = (error?: unknown) => {
    if (!isOver) failure = error;
    isOver = true;
    wake();
  };
  response.on("readable", () => wake());
  response.on("end", () => over()).on("error", over);
  response.on("close", () => over(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" })));
  try {
    for (;;) {
      const chunk: string | null = response.read();
      if (chunk !== null) yield chunk;
      else if (!isOver) await new Promise<void>((resolve) => (wake = resolve));
      else if (failure === undefined) return;
      else throw failure;
    }
  } finally {
    response.destroy();
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = "";
  response.setEncoding("utf8");
  for await (const chunk of response) body = (body + chunk).slice(0, 64 * 1024);
  return body;
}

/** As things are when it is asked for, at the earliest. */
const fromTheBeginning = { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" };

function watchQuery(scope: Scope, resourceVersion: string | null): URLSearchParams {
  const query = scopeQuery(scope);
  query.set("watch", "true");
  query.set("allowWatchBookmarks", "true");
  if (resourceVersion !== null) query.set("resourceVersion", resourceVersion);
  else for (const [name, value] of Object.entries(fromTheBeginning)) query.set(name, value);
  query.set("timeoutSeconds", String(watchSeconds));
  return query;
}
