import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import { partsOfInstance } from "../../domain/instance-name.ts";
import { type LogLine, lineTime } from "../../domain/log-line.ts";
import { within } from "../../domain/log-merge.ts";
import { type SlotName, slotNames } from "../../domain/words.ts";
import { type KeptLine, type LogHistory, LogsThrottled, NoLogs, type SearchResults } from "../ports/log-history.ts";
import type { LogSearches } from "../ports/log-searches.ts";
import type { MaskSecrets } from "../ports/masking.ts";
import type { Clock } from "../ports/surroundings.ts";
import { readLogCursor, writeLogCursor } from "./log-cursor.ts";
import { maskedLines, revisionByName } from "./masked-lines.ts";
import { type LogSource, requireOwn, type TransientQuery } from "./read-transient-logs.ts";

export interface HistoricalQuery extends Omit<TransientQuery, "previous"> {
  /** null: all; empty: none fits. */
  revisions: number[] | null;
  query?: string | undefined;
}

export interface HistoricalPage {
  source: "historical";
  items: LogLine[];
  instances: LogSource[];
  /** The time that was searched. */
  since: string;
  until: string;
  /** Why nothing can be found; null when something could. */
  note: string | null;
  next_cursor?: string;
}
/** Not done yet. */
export interface UnderWay {
  cursor: string;
}

/** An answer is waited for as long as a gateway lets it wait, with time left to give it. */
const longestWait = 20_000;
/** Whoever was told to ask again has a minute to do so, and then is waited for as long as an answer is. */
export const leftAloneMilliseconds = 60_000 + longestWait + 10_000;
const firstPause = 50;
const longestPause = 500;
/** Without `since`: as long before the end as somebody would look first. */
const usualRange = 24 * 3_600_000;
/** What an instance writes last comes after the deployment was stopped. */
const afterTheEnd = 3_600_000;
/** Collectors send every few seconds: what is followed is read up to where nothing can come in between any more. */
const collecting = 10_000;
const mostRows = 10_000;
const mostBytes = 4 * 1024 * 1024;

interface Going {
  from: number;
  until: number;
  /** Of a search that was under way. */
  search?: string;
}
const isGoing = (state: unknown): state is Going => {
  const { from, until, search } = (state ?? {}) as Partial<Going>;
  return Number.isInteger(from) && Number.isInteger(until) && (search === undefined || /^[\w-]{1,64}$/.test(search));
};

export interface HistoryPorts {
  history: LogHistory;
  searches: LogSearches;
  maskSecrets: MaskSecrets;
  clock: Clock;
}

/**
 * Lines that were kept, of instances that are there or long gone, in pages of whole milliseconds: none is lost or doubled
 * between two. Errors: `not-found` for somebody else's instance; `rate-limited`; `invalid-input` for a search that takes
 * longer than CloudWatch Logs allows.
 */
export async function readHistoricalLogs(ports: HistoryPorts, head: Head, query: HistoricalQuery): Promise<HistoricalPage | UnderWay> {
  const { history, clock } = ports;
  requireOwn(head, query.instance);
  const bound = [head.uid, query.asked, query.sort];
  const going = goOn(readLogCursor(bound, query.cursor, isGoing), query, clock.now()) ?? rangeOf(head, query, clock.now());
  const cursorOf = (state: Going) => writeLogCursor(bound, state);
  if (query.revisions?.length === 0) return pageOf(head, going, [], "no revision of this deployment ran that model or has that name");
  try {
    const search = going.search ?? (await history.begin(searchOf(head, query, going)));
    const { state, lines } = await resultsOf(ports, search, going.search !== undefined);
    if (state === "running") return { cursor: cursorOf({ ...going, search }) };
    if (state !== "complete") throw notSearched(state);
    // More lines in one millisecond than fit: it is read as a whole.
    const isOneMoment = lines.length > query.tail && lines.every(({ at }) => at === lines[0]?.at) && query.tail < mostRows - 1;
    if (isOneMoment) return await readHistoricalLogs(ports, head, { ...query, tail: mostRows - 1 });
    return await withoutSecrets(ports, head, query, page(head, query, going, lines, cursorOf));
  } catch (error) {
    if (error instanceof NoLogs && going.search === undefined) return pageOf(head, going, [], nothingCollected(error));
    if (error instanceof NoLogs) throw notSearched("stopped");
    throw error instanceof LogsThrottled ? throttled(error) : error;
  }
}

/**
 * Nothing goes on that nobody can ask for: one that is still running is written down, so that it can be stopped when nobody
 * does, and one that could not be waited for is stopped at once, unless somebody has its cursor already.
 */
async function resultsOf({ history, searches, clock }: HistoryPorts, search: string, isAwaited: boolean): Promise<SearchResults> {
  try {
    const results = await waitFor({ history, clock }, search);
    if (results.state === "running") await searches.await(search, clock.now());
    else if (isAwaited) await searches.forget(search);
    return results;
  } catch (error) {
    if (!isAwaited) await history.stop(search).catch(() => undefined);
    throw error;
  }
}

/** A line that was found by a part of a secret alone is left out: who tries parts must not learn by which there is one. */
async function withoutSecrets(
  { maskSecrets }: { maskSecrets: MaskSecrets },
  head: Head,
  { query = "" }: HistoricalQuery,
  page: HistoricalPage,
): Promise<HistoricalPage> {
  const whose = { uid: head.uid, is_deleted: head.deleted_at !== null };
  const items = await maskedLines(maskSecrets, whose, page.items, revisionByName(head));
  const holds = ({ message }: LogLine) => message.toLowerCase().includes(query.toLowerCase());
  return { ...page, items: items.filter((item, index) => item.message === page.items[index]?.message || holds(item)) };
}

const searchOf = (head: Head, query: HistoricalQuery, { from, until }: Going) => ({
  cluster: head.place.cluster,
  namespace: head.place.namespace,
  deployment: { id: head.id, uid: head.uid },
  ...{ component: query.component, revisions: query.revisions, instance: query.instance, container_name: query.container_name },
  ...{ text: query.query, from, until, order: query.sort, limit: Math.min(mostRows, query.tail + 1) },
});

/** What is followed is read up to now. */
function goOn(going: Going | undefined, { sort, until }: HistoricalQuery, now: number): Going | undefined {
  if (!going || going.search !== undefined || sort === "desc" || until !== undefined) return going;
  return { ...going, until: Math.max(going.from, now - collecting) };
}

/** Of a deployment of which nothing runs, the time before its end. */
export function rangeOf(head: Head, { since, until, sort }: Pick<HistoricalQuery, "since" | "until" | "sort">, now: number): Going {
  const isOver = slotNames.every((slot: SlotName) => head.slots[slot] === null) && !head.active_operation;
  const end = isOver ? Math.min(now, Date.parse(head.deleted_at ?? head.updated_at) + afterTheEnd) : now;
  const to = until ?? (sort === "asc" ? Math.min(end, now - collecting) : end);
  return { from: Math.min(since ?? to - usualRange, to), until: to };
}

async function waitFor({ history, clock }: Pick<HistoryPorts, "history" | "clock">, search: string): Promise<SearchResults> {
  const deadline = clock.now() + longestWait;
  for (let pause = firstPause; ; pause = Math.min(longestPause, pause * 2)) {
    const results = await history.results(search);
    if (results.state !== "running" || clock.now() + pause > deadline) return results;
    await clock.sleep(pause);
  }
}

/** One row more than a page tells whether there are more; lines of a millisecond that may go on are left to the next page. */
function page(head: Head, query: HistoricalQuery, going: Going, rows: KeptLine[], cursorOf: (state: Going) => string): HistoricalPage {
  const isMore = rows.length > query.tail;
  const edge = rows.at(-1)?.at ?? 0;
  const whole = isMore ? rows.filter(({ at }) => at !== edge) : rows;
  // More lines in one millisecond than a page holds: as many of them as are there.
  const lines = whole.length > 0 ? whole : rows;
  const fitting = within(lines, "oldest", lines.length, mostBytes, ({ message }) => Buffer.byteLength(JSON.stringify(message)));
  const cut = fitting.length < lines.length ? fitting.findLastIndex(({ at }) => at !== lines[fitting.length]?.at) + 1 : fitting.length;
  const given = fitting.slice(0, cut || fitting.length);
  const last = given.at(-1)?.at;
  const result = pageOf(head, going, given.toSorted(byTime(query.sort)), null);
  if (query.sort === "asc") {
    const from = (isMore || given.length < lines.length) && last !== undefined ? last + 1 : going.until + 1;
    return { ...result, next_cursor: cursorOf({ from, until: Math.max(from, query.until ?? going.until) }) };
  }
  return isMore || given.length < lines.length
    ? { ...result, next_cursor: cursorOf({ from: going.from, until: (last ?? going.until) - 1 }) }
    : result;
}

const byTime = (sort: "asc" | "desc") => (one: KeptLine, other: KeptLine) => {
  const order = one.time < other.time ? -1 : one.time > other.time ? 1 : 0;
  return sort === "asc" ? order : -order;
};

function pageOf(head: Head, { from, until }: Going, lines: KeptLine[], note: string | null): HistoricalPage {
  const items = lines.map(({ time, instance, container_name, message }): LogLine => {
    const { component = "predictor", revision = null } = partsOfInstance(head, instance) ?? {};
    return { at: lineTime(time), instance, component, container_name, revision, message };
  });
  return { source: "historical", items, instances: [], since: new Date(from).toISOString(), until: new Date(until).toISOString(), note };
}

const nothingCollected = ({ group }: NoLogs): string =>
  `nothing has been collected from this cluster yet: there is no log group ${group}. docs/logs.md says what collects it`;

function throttled({ message }: LogsThrottled): Problem {
  const detail = `CloudWatch Logs is busy with other searches (${message}). Try again in a moment, or give a shorter time by since and until`;
  return new Problem("rate-limited", detail, { members: { retry_after_seconds: 5 } });
}

function notSearched(state: string): Problem {
  const detail =
    state === "stopped"
      ? "the search was stopped because nobody asked for it any more. Ask again without the cursor"
      : "CloudWatch Logs did not finish the search. Ask again without the cursor, and for a shorter time by since and until";
  return new Problem("invalid-input", detail, { errors: [{ path: "cursor", message: `the search has ${state}` }] });
}
