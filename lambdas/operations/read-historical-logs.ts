import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { LogLine } from "../../domain/log-line.ts";
import { type SlotName, slotNames } from "../../domain/words.ts";
import { type LogHistory, LogsThrottled, NoLogs, type SearchResults } from "../ports/log-history.ts";
import type { LogSearches } from "../ports/log-searches.ts";
import type { MaskSecrets } from "../ports/masking.ts";
import type { Clock } from "../ports/surroundings.ts";
import { requireOwn } from "./choose-containers.ts";
import {
  type Asked,
  crowdedMoment,
  foundBy,
  type Going,
  type HistoricalPage,
  type HistoricalQuery,
  historicalPage,
  isGoing,
  momentPage,
  pageOf,
  rangeSearched,
  rowsWanted,
} from "./historical-page.ts";
import { readLogCursor, writeLogCursor } from "./log-cursor.ts";
import { maskedLines, revisionByName } from "./masked-lines.ts";

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
  requireOwn(head, query.instance);
  const bound = [head.uid, query.asked, query.sort];
  const now = ports.clock.now();
  const going = goOn(readLogCursor(bound, query.cursor, isGoing), query, now) ?? rangeOf(head, query, now);
  const asked: Asked = { head, query, cursorOf: (state) => writeLogCursor(bound, state) };
  if (query.revisions?.length === 0) return pageOf(asked, going, [], "no revision of this deployment ran that model or has that name");
  try {
    const found = await find(ports, asked, going, now + longestWait);
    return "cursor" in found ? found : await withoutSecrets(ports, asked, found);
  } catch (error) {
    if (error instanceof NoLogs && going.search === undefined) return pageOf(asked, going, [], nothingCollected(error));
    if (error instanceof NoLogs) throw notSearched("stopped");
    throw error instanceof LogsThrottled ? throttled(error) : error;
  }
}

/** A search that found one crowded millisecond is followed by one of that millisecond, which is waited for no longer than the first. */
async function find(ports: HistoryPorts, asked: Asked, going: Going, deadline: number): Promise<HistoricalPage | UnderWay> {
  const limit = going.search?.limit ?? rowsWanted(asked.query, going);
  const id = going.search?.id ?? (await ports.history.begin(searchOf(asked, going, limit)));
  const { state, lines } = await resultsOf(ports, id, { deadline, is_awaited: going.search !== undefined });
  if (state === "running") return { cursor: asked.cursorOf({ ...going, search: { id, limit } }) };
  if (state !== "complete") throw notSearched(state);
  const { from, until, moment } = going;
  if (moment !== undefined) return momentPage(asked, { from, until, moment }, lines);
  const found = foundBy(asked.query, lines, limit);
  const crowded = crowdedMoment(found);
  return crowded === undefined ? historicalPage(asked, going, found) : find(ports, asked, { from, until, moment: crowded }, deadline);
}

/**
 * Nothing goes on that nobody can ask for: one that is still running is written down, so that it can be stopped when nobody
 * does, and one that could not be waited for is stopped at once, unless somebody has its cursor already.
 */
async function resultsOf({ history, searches, clock }: HistoryPorts, search: string, wait: Wait): Promise<SearchResults> {
  try {
    const results = await waitFor({ history, clock }, search, wait.deadline);
    if (results.state === "running") await searches.await(search, clock.now());
    else if (wait.is_awaited) await searches.forget(search);
    return results;
  } catch (error) {
    if (!wait.is_awaited) await history.stop(search).catch(() => undefined);
    throw error;
  }
}

interface Wait {
  deadline: number;
  /** Somebody has its cursor. */
  is_awaited: boolean;
}

async function waitFor(
  { history, clock }: Pick<HistoryPorts, "history" | "clock">,
  search: string,
  deadline: number,
): Promise<SearchResults> {
  for (let pause = firstPause; ; pause = Math.min(longestPause, pause * 2)) {
    const results = await history.results(search);
    if (results.state !== "running" || clock.now() + pause > deadline) return results;
    await clock.sleep(pause);
  }
}

/** A line that was found by a part of a secret alone is left out: who tries parts must not learn by which there is one. */
async function withoutSecrets(
  { maskSecrets }: { maskSecrets: MaskSecrets },
  { head, query: { query = "" } }: Asked,
  page: HistoricalPage,
): Promise<HistoricalPage> {
  const whose = { uid: head.uid, is_deleted: head.deleted_at !== null };
  const items = await maskedLines(maskSecrets, whose, page.items, revisionByName(head));
  const holds = ({ message }: LogLine) => message.toLowerCase().includes(query.toLowerCase());
  return { ...page, items: items.filter((item, index) => item.message === page.items[index]?.message || holds(item)) };
}

const searchOf = ({ head, query }: Asked, going: Going, limit: number) => ({
  cluster: head.place.cluster,
  namespace: head.place.namespace,
  deployment: { id: head.id, uid: head.uid },
  ...{ component: query.component, revisions: query.revisions, instance: query.instance, container_name: query.container_name },
  ...{ text: query.query, ...rangeSearched(going), order: query.sort, limit },
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
