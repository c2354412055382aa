import { compile, type Evaluate } from "./compile.ts";
import { type Column, type Command, type Expression, fieldsOf, type Sign, type SortKey } from "./syntax.ts";
import { numberOf } from "./values.ts";

/** What of a query can be known before each event is looked at. */
export interface Plan {
  /** Whether the newest events are looked at first. */
  descending: boolean;
  /** Milliseconds, both included. */
  from: number;
  until: number;
  /** What every event has to fulfil that goes on. */
  conditions: Condition[];
  /** What is left to do then: what is known of each event is filtered, and the order of time is that in which events are looked at. */
  commands: Command[];
}

export interface Condition {
  fields: string[];
  evaluate: Evaluate;
  /** A text that the field has to hold, upper or lower case; null where nothing is known. */
  holding: { field: string; text: string; is_free: boolean } | null;
}

export function planOf(commands: Command[], now: number): Plan {
  const before = commands.slice(0, firstIndex(commands, "stats", "dedup", "limit"));
  const made = new Set<string>();
  const conditions: Expression[] = [];
  const needless = new Set<Command>();
  for (const command of before) {
    if (command.word === "fields" || command.word === "display") for (const name of madeBy(command.columns)) made.add(name);
    if (command.word !== "filter") continue;
    const known = partsOfAll(command.condition);
    // What an earlier command has made is not yet there when events are looked at.
    if (known.some((each) => fieldsOf(each).some((field) => made.has(field)))) continue;
    conditions.push(...known);
    needless.add(command);
  }
  const sort = before.find((command) => command.word === "sort");
  const byTime = sort !== undefined && !made.has("@timestamp") ? directionByTime(sort.keys) : undefined;
  if (sort !== undefined && byTime !== undefined) needless.add(sort);
  return {
    descending: byTime !== "asc",
    ...rangeOf(conditions),
    conditions: conditions.map((each) => ({ fields: fieldsOf(each), evaluate: compile(each, now), holding: holdingOf(each) })),
    commands: commands.filter((command) => !needless.has(command)),
  };
}

const madeBy = (columns: Column[]): string[] =>
  columns.filter(({ name, of }) => of.kind !== "field" || of.name !== name).map(({ name }) => name);

function directionByTime([key, ...more]: SortKey[]): "asc" | "desc" | undefined {
  if (key?.by.kind !== "field" || key.by.name !== "@timestamp" || more.length > 0) return undefined;
  return key.descending ? "desc" : "asc";
}

export function firstIndex(commands: Command[], ...words: Command["word"][]): number {
  const found = commands.findIndex(({ word }) => words.includes(word));
  return found < 0 ? commands.length : found;
}

/** What has to be true all together. */
const partsOfAll = (condition: Expression): Expression[] =>
  condition.kind === "operation" && condition.sign === "and"
    ? [...partsOfAll(condition.left), ...partsOfAll(condition.right)]
    : [condition];

function rangeOf(conditions: Expression[]): { from: number; until: number } {
  const bounds = conditions.map(boundOf);
  return {
    from: Math.max(Number.NEGATIVE_INFINITY, ...bounds.map(({ from }) => from ?? Number.NEGATIVE_INFINITY)),
    until: Math.min(Number.POSITIVE_INFINITY, ...bounds.map(({ until }) => until ?? Number.POSITIVE_INFINITY)),
  };
}

const mirrored: Partial<Record<Sign, Sign>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** What a comparison of an event's time with a number says of it. */
function boundOf(condition: Expression): { from?: number; until?: number } {
  if (condition.kind !== "operation") return {};
  const { left, right, sign } = condition;
  const [number, compared] = isTime(left) ? [right, sign] : isTime(right) ? [left, mirrored[sign]] : [undefined, undefined];
  const value = number?.kind === "value" ? numberOf(number.value) : undefined;
  if (value === undefined) return {};
  if (compared === ">=") return { from: Math.ceil(value) };
  if (compared === ">") return { from: Math.floor(value) + 1 };
  if (compared === "<=") return { until: Math.floor(value) };
  return compared === "<" ? { until: Math.ceil(value) - 1 } : {};
}

function isTime(expression: Expression): boolean {
  if (expression.kind === "call" && expression.function === "tomillis") return isTime(expression.arguments[0] as Expression);
  return expression.kind === "field" && expression.name === "@timestamp";
}

function holdingOf(condition: Expression): Condition["holding"] {
  if (condition.kind === "matches" && condition.of.kind === "field") {
    const { source } = condition.pattern;
    return { field: condition.of.name, text: literalIn(source), is_free: !source.startsWith("^") };
  }
  if (condition.kind === "holds" && condition.of.kind === "field") return { field: condition.of.name, text: condition.part, is_free: true };
  if (condition.kind !== "operation" || condition.sign !== "=") return null;
  const { left: field, right: value } = condition;
  // A number may be written in more than one way.
  if (field.kind !== "field" || value.kind !== "value" || numberOf(value.value) !== undefined) return null;
  return { field: field.name, text: String(value.value), is_free: false };
}

/** What every match holds: the whole, where each of its characters stands for itself, or how it begins; empty where there may be nothing. */
function literalIn(source: string): string {
  // An escaped sign stands for itself, an escaped letter for a class or a place.
  if (/^(?:\\[^A-Za-z0-9]|[^\\^$.|?*+()[\]{}])*$/.test(source)) return source.replaceAll(/\\(.)/g, "$1");
  return /^\^([a-z0-9-]+)(?=-)/.exec(source)?.[1] ?? "";
}
