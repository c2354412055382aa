import { isAggregate } from "./aggregates.ts";
import { type Column, type Command, type Expression, fieldsOf, withParts } from "./syntax.ts";

/** Behind `stats` there are the columns that it made and no others. null: there are events, which may have any field. */
export type KnownColumns = ReadonlySet<string> | null;

export function columnsAfter(known: KnownColumns, command: Command): KnownColumns {
  if (command.word === "stats") return new Set([...command.by, ...command.columns].map(({ name }) => name));
  if (known === null || command.word !== "fields") return known;
  return new Set([...known, ...command.columns.map(({ name }) => name)]);
}

/** A command in which what an earlier one has made, `count(*)` for instance, is asked for by its name. */
export function referring(command: Command, known: KnownColumns): Command {
  if (known === null) return command;
  const refer = (expression: Expression): Expression => reference(expression, known);
  const named = (column: Column): Column => ({ ...column, of: refer(column.of) });
  switch (command.word) {
    case "fields":
    case "display":
      return { ...command, columns: command.columns.map(named) };
    case "filter":
      return { ...command, condition: refer(command.condition) };
    case "stats":
      return {
        ...command,
        columns: command.columns.map((column) => ({ ...column, of: withinCounts(column.of, refer) })),
        by: command.by.map(named),
      };
    case "sort":
      return { ...command, keys: command.keys.map((key) => ({ ...key, by: refer(key.by) })) };
    case "dedup":
      return { ...command, by: command.by.map(refer) };
    case "limit":
      return command;
  }
}

/** The first field that a command asks for and that there is not. */
export function unknownField(command: Command, known: KnownColumns): string | undefined {
  return known === null
    ? undefined
    : expressionsOf(command)
        .flatMap(fieldsOf)
        .find((field) => !known.has(field));
}

export function expressionsOf(command: Command): Expression[] {
  switch (command.word) {
    case "fields":
    case "display":
      return command.columns.map(({ of }) => of);
    case "filter":
      return [command.condition];
    case "stats":
      return [...command.columns, ...command.by].map(({ of }) => of);
    case "sort":
      return command.keys.map(({ by }) => by);
    case "dedup":
      return command.by;
    case "limit":
      return [];
  }
}

/** What `stats` counts is counted anew, whatever an earlier one has called so. */
function withinCounts(expression: Expression, refer: (part: Expression) => Expression): Expression {
  const isCounted = expression.kind === "call" && isAggregate(expression.function);
  return withParts(expression, isCounted ? refer : (part) => withinCounts(part, refer));
}

function reference(expression: Expression, known: ReadonlySet<string>): Expression {
  const { text } = expression;
  if (expression.kind !== "value" && known.has(text)) return { kind: "field", name: text, text };
  return withParts(expression, (part) => reference(part, known));
}
