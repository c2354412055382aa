import { setImmediate as nextTurn } from "node:timers/promises";
import { type FoundLine, type LogStore, type LogStream, type Place, whole } from "../store.ts";
import type { Filter, InsightsQuery } from "./query.ts";

export interface Search {
  groups: string[];
  /** Milliseconds, both included. */
  from: number;
  until: number;
  query: InsightsQuery;
}
export interface Outcome {
  rows: Row[];
  matched: number;
  scanned: number;
}
type Row = { field: string; value: string }[];

/** How many lines are looked at before others have their turn: this process does everything else as well. */
const window = 20_000;

/** Looks through the groups until there are enough lines, all were seen or `isStopped` says so. */
export async function runSearch(
  store: LogStore,
  { groups, from, until, query }: Search,
  outcome: Outcome,
  isStopped: () => boolean,
): Promise<void> {
  const range = rangeOf(query.filters, from, until);
  const found: { line: FoundLine; row: Row }[] = [];
  for (const group of groups) {
    const { streams, undecided, holding } = streamsThatMay(store.framedStreams(group), query.filters);
    const ids = [...streams.keys()];
    let after: Place | undefined;
    let enough = 0;
    if (ids.length === 0) continue;
    do {
      const { lines, next } = store.search({ group, streams: ids, ...range, holding, descending: query.descending, after, window });
      outcome.scanned += window;
      for (const line of lines) {
        const document = fieldsOf(line, streams.get(line.stream) as FramedStream);
        if (enough === query.limit || !undecided.every((filter) => passes(filter, document))) continue;
        enough += 1;
        found.push({ line, row: rowOf(query.fields, document) });
      }
      after = enough === query.limit ? undefined : next;
      outcome.matched = found.length;
      await nextTurn();
    } while (after !== undefined && !isStopped());
  }
  const direction = query.descending ? -1 : 1;
  found.sort((one, other) => direction * (one.line.timestamp - other.line.timestamp || one.line.id - other.line.id));
  outcome.rows = found.slice(0, query.limit).map(({ row }) => row);
}

interface FramedStream extends LogStream {
  /** What its frame says, taken apart. */
  shared: unknown;
}

/**
 * Streams of which a line may pass: what a frame says is weighed once, not line by line. `undecided` are the filters that
 * lines have to be asked for, and `holding` texts that none passes without.
 */
function streamsThatMay(all: LogStream[], filters: Filter[]) {
  const framed = all.map((stream): FramedStream => ({ ...stream, shared: parse(`{${stream.frame}}`) }));
  const streams = framed.filter(({ shared }) =>
    filters.every((filter) => {
      const value = filter.kind === "between" ? undefined : valueIn(shared, filter.field);
      return value === undefined || passesBy(filter, value);
    }),
  );
  const undecided = filters.filter(
    (filter) => filter.kind !== "between" && streams.some(({ shared }) => valueIn(shared, filter.field) === undefined),
  );
  const inNoFrame = undecided.filter(
    (filter) => filter.kind !== "between" && streams.every(({ shared }) => valueIn(shared, filter.field) === undefined),
  );
  const holding = rarestFirst(inNoFrame)
    .map(textOf)
    .filter((text) => text !== "");
  return { streams: new Map(streams.map((stream) => [stream.id, stream])), undecided, holding };
}

function rangeOf(filters: Filter[], from: number, until: number): { from: number; until: number } {
  const ranges = filters.filter((filter) => filter.kind === "between");
  return { from: Math.max(from, ...ranges.map((range) => range.from)), until: Math.min(until, ...ranges.map((range) => range.until)) };
}

/** What somebody searches for is rarer than where it was written: most lines are then looked at for one text only. */
const rarestFirst = (filters: Filter[]): Filter[] => filters.toSorted((one, other) => Number(isFreeText(other)) - Number(isFreeText(one)));
const isFreeText = (filter: Filter): boolean => filter.kind === "like" && !filter.pattern.source.startsWith("^");

/** A text that the stored line must hold to pass, as JSON has it. */
function textOf(filter: Filter): string {
  const text = filter.kind === "like" ? filter.literal : filter.kind === "equals" ? filter.value : "";
  return JSON.stringify(text).slice(1, -1);
}

type Document = { get(field: string): string | undefined };

function fieldsOf(line: FoundLine, { name, frame, shared }: FramedStream): Document {
  let parsed: unknown;
  return {
    get: (field) => {
      if (field === "@timestamp") return new Date(line.timestamp).toISOString().replace("T", " ").replace("Z", "");
      if (field === "@message") return whole(line.message, frame);
      if (field === "@logStream") return name;
      if (field === "@ptr") return Buffer.from(`local:${line.id}`).toString("base64");
      const known = valueIn(shared, field);
      if (known !== undefined) return known;
      parsed ??= parse(line.message);
      return valueIn(parsed, field);
    },
  };
}

/** Text of what lies at a dotted path; undefined for what is no value. */
function valueIn(document: unknown, field: string): string | undefined {
  const value = field.split(".").reduce<unknown>((found, part) => (found as Record<string, unknown> | null | undefined)?.[part], document);
  return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message) ?? {};
  } catch {
    return {};
  }
}

function passes(filter: Filter, document: Document): boolean {
  const value = filter.kind === "between" ? undefined : document.get(filter.field);
  return filter.kind === "between" || (value !== undefined && passesBy(filter, value));
}

const passesBy = (filter: Filter, value: string): boolean =>
  filter.kind === "between" || (filter.kind === "equals" ? value === filter.value : filter.pattern.test(value));

const rowOf = (fields: string[], document: Document): Row =>
  [...fields, "@ptr"].flatMap((field, index, all) => {
    const value = document.get(field);
    return value === undefined || all.indexOf(field) !== index ? [] : [{ field, value }];
  });
