import { setImmediate as nextTurn } from "node:timers/promises";
import type { LogStore, Place, StoredLine } from "../store.ts";
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
  const holding = rarestFirst(query.filters)
    .map(textOf)
    .filter((text) => text !== "");
  const found: { line: StoredLine; row: Row }[] = [];
  for (const group of groups) {
    let after: Place | undefined;
    let enough = 0;
    do {
      const { lines, next } = store.search({ group, ...range, holding, descending: query.descending, after, window });
      outcome.scanned += window;
      for (const line of lines) {
        const document = fieldsOf(line);
        if (enough === query.limit || !query.filters.every((filter) => passes(filter, document))) continue;
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

function rangeOf(filters: Filter[], from: number, until: number): { from: number; until: number } {
  const ranges = filters.filter((filter) => filter.kind === "between");
  return { from: Math.max(from, ...ranges.map((range) => range.from)), until: Math.min(until, ...ranges.map((range) => range.until)) };
}

/** What somebody searches for is rarer than where it was written: most lines are then looked at for one text only. */
const rarestFirst = (filters: Filter[]): Filter[] => filters.toSorted((one, other) => Number(isFreeText(other)) - Number(isFreeText(one)));
const isFreeText = (filter: Filter): boolean => filter.kind === "like" && !filter.pattern.source.startsWith("^");

/** A text that the stored line must hold to pass: what is escaped in JSON is left to the exact look. */
function textOf(filter: Filter): string {
  const text = filter.kind === "like" ? filter.literal : filter.kind === "equals" ? filter.value : "";
  return /^[A-Za-z0-9 _.-]+$/.test(text) ? text : "";
}

type Document = { get(field: string): string | undefined };

function fieldsOf(line: StoredLine): Document {
  let parsed: unknown;
  const json = () => {
    if (parsed === undefined) parsed = parse(line.message);
    return parsed;
  };
  return {
    get: (field) => {
      if (field === "@timestamp") return new Date(line.timestamp).toISOString().replace("T", " ").replace("Z", "");
      if (field === "@message") return line.message;
      if (field === "@logStream") return line.stream;
      if (field === "@ptr") return Buffer.from(`local:${line.id}`).toString("base64");
      const value = field.split(".").reduce<unknown>((value, part) => (value as Record<string, unknown> | null)?.[part], json());
      return value === undefined || value === null || typeof value === "object" ? undefined : String(value);
    },
  };
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message) ?? {};
  } catch {
    return {};
  }
}

function passes(filter: Filter, document: Document): boolean {
  if (filter.kind === "between") return true;
  const value = document.get(filter.field);
  return value !== undefined && (filter.kind === "equals" ? value === filter.value : filter.pattern.test(value));
}

const rowOf = (fields: string[], document: Document): Row =>
  [...fields, "@ptr"].flatMap((field, index, all) => {
    const value = document.get(field);
    return value === undefined || all.indexOf(field) !== index ? [] : [{ field, value }];
  });
