import type { Head } from "../../domain/deployment.ts";
import { partsOfInstance } from "../../domain/instance-name.ts";
import { type LogLine, lineTime } from "../../domain/log-line.ts";
import { within } from "../../domain/log-merge.ts";
import { storageInitializerContainer } from "../../domain/names.ts";
import { components } from "../../domain/words.ts";
import type { KeptLine } from "../ports/log-history.ts";
import type { LogSource } from "./log-sources.ts";
import type { TransientQuery } from "./read-transient-logs.ts";

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
  /** Why nothing can be found, or what is not in this answer; null when it is all. */
  note: string | null;
  next_cursor?: string;
}

/** Where a search goes on; milliseconds since the epoch, both included. */
export interface Going {
  from: number;
  until: number;
  /** More lines were written in this one millisecond than a page holds: it is read by itself, and as a whole. */
  moment?: number;
  /** A search that was under way, and how many rows it gives at most. */
  search?: { id: string; limit: number };
}

export type AtMoment = Going & { moment: number };

/** One who asked, and how a cursor for them is written. */
export interface Asked {
  head: Head;
  query: HistoricalQuery;
  cursorOf: (going: Going) => string;
}

const mostRows = 10_000;
const mostBytes = 4 * 1024 * 1024;

export const isGoing = (state: unknown): state is Going => {
  const { from, until, moment, search } = (state ?? {}) as Partial<Going>;
  const isMoment = moment === undefined || Number.isInteger(moment);
  const isSearch = search === undefined || (/^[\w-]{1,64}$/.test(search?.id) && Number.isInteger(search?.limit));
  return Number.isInteger(from) && Number.isInteger(until) && isMoment && isSearch;
};

export const rangeSearched = ({ from, until, moment }: Going): { from: number; until: number } => ({
  from: moment ?? from,
  until: moment ?? until,
});

/** One row more than a page tells whether there are more. */
export const rowsWanted = ({ tail }: HistoricalQuery, { moment }: Going): number => (moment === undefined ? tail + 1 : mostRows);

/** What a search found, for a page that may be of another size than when it was begun. */
export interface Found {
  rows: KeptLine[];
  is_more: boolean;
}

export const foundBy = ({ tail }: HistoricalQuery, lines: KeptLine[], limit: number): Found => ({
  rows: lines.slice(0, tail + 1),
  is_more: lines.length > tail || lines.length >= limit,
});

/** The one millisecond in which more may have been written than a page holds. */
export function crowdedMoment({ rows, is_more }: Found): number | undefined {
  const first = rows[0]?.at;
  return is_more && rows.every(({ at }) => at === first) ? first : undefined;
}

/** A page of whole milliseconds: those whose lines may go on are left to the next one. */
export function historicalPage(asked: Asked, going: Going, { rows, is_more }: Found): HistoricalPage {
  const edge = rows.at(-1)?.at;
  const lines = is_more ? rows.filter(({ at }) => at !== edge) : rows;
  const fitting = fittingOf(lines);
  const cut = lines[fitting.length]?.at;
  const given = fitting.filter(({ at }) => at !== cut);
  if (given.length === 0 && cut !== undefined) return momentPage(asked, { ...going, moment: cut }, lines);
  const page = pageOf(asked, going, given, given.length === 0 ? unknownContainer(asked.query) : null);
  const last = given.at(-1)?.at;
  if (last !== undefined && (is_more || cut !== undefined)) return { ...page, ...onwards(asked, going, last) };
  return asked.query.sort === "asc" ? { ...page, ...onwards(asked, going, going.until) } : page;
}

/** No page can go on within a millisecond: what of it is in no answer is said. */
export function momentPage(asked: Asked, going: AtMoment, rows: KeptLine[]): HistoricalPage {
  const { moment } = going;
  const lines = rows.filter(({ at }) => at === moment);
  const given = fittingOf(lines);
  const isWhole = given.length === lines.length && rows.length < mostRows;
  const page = pageOf(asked, going, given, isWhole ? null : notAll(given.length, moment));
  return { ...page, ...onwards(asked, going, moment) };
}

const fittingOf = (lines: KeptLine[]): KeptLine[] =>
  within(lines, "oldest", lines.length, mostBytes, ({ message }) => Buffer.byteLength(JSON.stringify(message)));

/** Behind the last millisecond that was given. */
function onwards({ query: { sort, until }, cursorOf }: Asked, going: Going, last: number): { next_cursor?: string } {
  if (sort === "asc") return { next_cursor: cursorOf({ from: last + 1, until: Math.max(last + 1, until ?? going.until) }) };
  return last > going.from ? { next_cursor: cursorOf({ from: going.from, until: last - 1 }) } : {};
}

export function pageOf({ head, query }: Asked, going: Going, lines: KeptLine[], note: string | null = null): HistoricalPage {
  const items = lines.toSorted(byTime(query.sort)).map(({ time, instance, container_name, message }): LogLine => {
    const { component = "predictor", revision = null } = partsOfInstance(head, instance) ?? {};
    return { at: lineTime(time), instance, component, container_name, revision, message };
  });
  const { from, until } = rangeSearched(going);
  return { source: "historical", items, instances: [], since: new Date(from).toISOString(), until: new Date(until).toISOString(), note };
}

const byTime = (sort: "asc" | "desc") => (one: KeptLine, other: KeptLine) => {
  const order = one.time < other.time ? -1 : one.time > other.time ? 1 : 0;
  return sort === "asc" ? order : -order;
};

const knownContainers: readonly string[] = [...components, storageInitializerContainer];

/** What else ran in a pod that is gone, nobody knows: it is no error to ask for it. */
const unknownContainer = ({ container_name: name }: HistoricalQuery): string | null =>
  name === undefined || knownContainers.includes(name)
    ? null
    : `no line of a container ${name} was found; those that every deployment may have are ${knownContainers.join(", ")}`;

const notAll = (given: number, moment: number): string =>
  `in the millisecond ${new Date(moment).toISOString()} more was written than one answer holds: ${given} lines of it are here, an export has all`;
