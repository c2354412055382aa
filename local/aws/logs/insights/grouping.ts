import { type Aggregate, aggregateOf, isAggregate } from "./aggregates.ts";
import { compile, type Evaluate } from "./compile.ts";
import { malformed } from "./malformed.ts";
import { type Command, type Expression, partsOf, withParts } from "./syntax.ts";
import { numberOf, type Row, textOf, type Value } from "./values.ts";

/** `stats` at work. */
export interface Grouping {
  add(row: Row): void;
  /** One row for each group, in the order in which they were first seen. */
  rows(): Row[];
}

/** Something that is counted in each group, by its name within the query. */
interface Counted {
  name: string;
  begin: () => Aggregate;
  /** What of an event is counted; every event has it where nothing is said. */
  evaluate: Evaluate;
}

interface Group {
  values: Map<string, Value>;
  counts: Aggregate[];
}

/** Errors: MalformedQueryException, for what is counted in a way that there is not. */
export function groupingOf({ columns, by }: Command & { word: "stats" }, now: number): Grouping {
  const counted = columns.flatMap(({ of }) => countedIn(of, now));
  const keys = by.map(({ name, of }) => ({ name, evaluate: compile(of, now) }));
  const results = columns.map(({ name, of }) => ({ name, evaluate: compile(resolved(of), now) }));
  const groups = new Map<string, Group>();
  const begin = (values: Value[]): Group => ({
    values: new Map(keys.map(({ name }, index) => [name, values[index]])),
    counts: counted.map((each) => each.begin()),
  });
  return {
    add: (row) => {
      const values = keys.map(({ evaluate }) => evaluate(row));
      const key = JSON.stringify(values.map(textOf));
      const group = groups.get(key) ?? begin(values);
      groups.set(key, group);
      const at = numberOf(row.get("@timestamp"));
      for (const [index, { evaluate }] of counted.entries()) group.counts[index]?.add(evaluate(row), at);
    },
    rows: () =>
      [...groups.values()].map(({ values, counts }) => {
        const parts = new Map(counted.map(({ name }, index) => [name, counts[index]?.result()]));
        const row: Row = { get: (name) => parts.get(name) };
        const made = new Map([...values, ...results.map(({ name, evaluate }) => [name, evaluate(row)] as const)]);
        return { get: (name) => made.get(name) };
      }),
  };
}

function countedIn(expression: Expression, now: number): Counted[] {
  if (expression.kind !== "call" || !isAggregate(expression.function)) return partsOf(expression).flatMap((part) => countedIn(part, now));
  const begin = aggregateOf(expression.function, expression.arguments);
  if (begin === undefined) throw malformed(expression.text, "it takes a field, and a percentile a number from 0 to 100 after it");
  const [of] = expression.arguments;
  return [{ name: expression.text, begin, evaluate: of === undefined ? () => 1 : compile(of, now) }];
}

/** With the results of what was counted in place of the counting. */
function resolved(expression: Expression): Expression {
  const { text } = expression;
  const isCounted = expression.kind === "call" && isAggregate(expression.function);
  return isCounted ? { kind: "field", name: text, text } : withParts(expression, resolved);
}
