import { hasAggregate, isAggregate } from "./aggregates.ts";
import { columnsAfter, expressionsOf, type KnownColumns, referring, unknownField } from "./known-columns.ts";
import { parseExpression } from "./parse-expression.ts";
import { type Column, type Command, type Expression, partsOf, type SortKey } from "./syntax.ts";
import { TokenReader } from "./token-reader.ts";

/** How many rows a query may have. */
export const mostRows = 10_000;
const mostStats = 2;

const commands: Record<string, (reader: TokenReader) => Command> = {
  fields: (reader) => ({ word: "fields", columns: listOf(reader, column) }),
  display: (reader) => ({ word: "display", columns: listOf(reader, column) }),
  filter: (reader) => ({ word: "filter", condition: parseExpression(reader) }),
  where: (reader) => ({ word: "filter", condition: parseExpression(reader) }),
  stats: (reader) => ({ word: "stats", columns: listOf(reader, column), by: reader.take("by") ? listOf(reader, column) : [] }),
  sort: (reader) => ({ word: "sort", keys: listOf(reader, sortKey) }),
  dedup: (reader) => ({ word: "dedup", by: listOf(reader, parseExpression) }),
  limit: (reader) => ({ word: "limit", count: limitOf(reader) }),
};

/** Errors: MalformedQueryException, which names the command that is not understood. */
export function parseQuery(text: string): Command[] {
  const reader = new TokenReader(text);
  const found: Command[] = [];
  let known: KnownColumns = null;
  // A pipe before the first command and after the last are let pass, as the service does.
  while (reader.take("|") !== undefined);
  while (!reader.isAtEnd) {
    reader.beginCommand();
    const command = commandOf(reader, found, known);
    known = columnsAfter(known, command);
    found.push(command);
    if (!reader.isAtEnd) reader.demand("|");
    while (reader.take("|") !== undefined);
  }
  return found;
}

function commandOf(reader: TokenReader, before: Command[], known: KnownColumns): Command {
  const word = reader.take(...Object.keys(commands));
  if (word === undefined) throw reader.misfit(`a command is one of ${Object.keys(commands).join(", ")}`);
  const command = referring((commands[word] as (typeof commands)[string])(reader), known);
  const wrong = misplaced(command, before) ?? misused(command) ?? unmade(command, known);
  if (wrong !== undefined) throw reader.misfit(wrong);
  return command;
}

function misplaced({ word }: Command, before: Command[]): string | undefined {
  if (before.some((earlier) => earlier.word === "dedup") && word !== "limit") return "only limit may follow dedup";
  const stats = before.filter((earlier) => earlier.word === "stats");
  if (word !== "stats" || stats.length === 0) return undefined;
  if (stats.length === mostStats) return `a query has at most ${mostStats} stats commands`;
  return before.some((earlier) => earlier.word === "sort" || earlier.word === "limit")
    ? "sort and limit have to follow the second stats"
    : undefined;
}

/** What is counted stands in `stats` alone, and there nothing stands beside it that would differ from event to event. */
function misused(command: Command): string | undefined {
  if (command.word === "stats") {
    const free = command.columns.find(({ of }) => !isCounted(of));
    if (free !== undefined) return `${free.of.text} is not one value for all events of a group: count, sum, avg, … make one of it`;
    return command.by.some(({ of }) => hasAggregate(of)) ? "groups are made by fields, and not by what is counted in them" : undefined;
  }
  return expressionsOf(command).some(hasAggregate)
    ? "only stats counts: elsewhere it is asked for by the name that it has there"
    : undefined;
}

function unmade(command: Command, known: KnownColumns): string | undefined {
  const field = unknownField(command, known);
  return field === undefined ? undefined : `there is no ${field} after stats, which has made ${[...(known ?? [])].join(", ")}`;
}

const isCounted = (expression: Expression): boolean => {
  if (expression.kind === "field") return false;
  if (expression.kind === "call" && isAggregate(expression.function)) return !expression.arguments.some(hasAggregate);
  return partsOf(expression).every(isCounted);
};

function column(reader: TokenReader): Column {
  const of = parseExpression(reader);
  if (reader.take("as") === undefined) return { name: of.kind === "field" ? of.name : of.text, of };
  return { name: reader.next("name", "quoted name").text, of };
}

function sortKey(reader: TokenReader): SortKey {
  const by = parseExpression(reader);
  return { by, descending: reader.take("asc", "desc") === "desc" };
}

function limitOf(reader: TokenReader): number {
  const count = Number(reader.next("number").text);
  if (Number.isInteger(count) && count >= 1 && count <= mostRows) return count;
  throw reader.misfit(`a limit is a whole number from 1 to ${mostRows}`);
}

function listOf<T>(reader: TokenReader, one: (reader: TokenReader) => T): T[] {
  const found = [one(reader)];
  while (reader.take(",") !== undefined) found.push(one(reader));
  return found;
}
