import { applied, byPeriod } from "./functions.ts";
import type { Expression, Sign } from "./syntax.ts";
import { compare, isTrue, numberOf, type Row, Timestamp, textOf, type Value } from "./values.ts";

export type Evaluate = (row: Row) => Value;

/** An expression as a function of a row. `now`: when the query began, in milliseconds. */
export function compile(expression: Expression, now: number): Evaluate {
  switch (expression.kind) {
    case "field":
      return (row) => row.get(expression.name);
    case "value":
      return () => expression.value;
    case "period":
      return () => undefined;
    case "not": {
      const of = compile(expression.of, now);
      return (row) => Number(!isTrue(of(row)));
    }
    case "matches":
      return likeness(expression.of, now, (text) => expression.pattern.test(text));
    case "holds":
      return likeness(expression.of, now, (text) => text.includes(expression.part));
    case "among": {
      const of = compile(expression.of, now);
      return (row) => Number(expression.values.some((value) => compare(of(row), value) === 0));
    }
    case "operation":
      return operation(expression.sign, compile(expression.left, now), compile(expression.right, now));
    case "call":
      return call(expression, now);
  }
}

function likeness(of: Expression, now: number, test: (text: string) => boolean): Evaluate {
  const evaluate = compile(of, now);
  return (row) => {
    const text = textOf(evaluate(row));
    return Number(text !== undefined && test(text));
  };
}

function operation(sign: Sign, left: Evaluate, right: Evaluate): Evaluate {
  if (sign === "and") return (row) => Number(isTrue(left(row)) && isTrue(right(row)));
  if (sign === "or") return (row) => Number(isTrue(left(row)) || isTrue(right(row)));
  const relation = relations[sign];
  if (relation !== undefined) {
    return (row) => {
      const order = compare(left(row), right(row));
      return Number(order !== undefined && relation(order));
    };
  }
  const calculate = calculations[sign] as (one: number, other: number) => number;
  return (row) => {
    const [one, other] = [numberOf(left(row)), numberOf(right(row))];
    // What cannot be calculated, as by a division by zero, is missing.
    return one === undefined || other === undefined ? undefined : numberOf(calculate(one, other));
  };
}

/** Nothing is true of what is missing, not even that it differs. */
const relations: Partial<Record<Sign, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

const calculations: Partial<Record<Sign, (one: number, other: number) => number>> = {
  "+": (one, other) => one + other,
  "-": (one, other) => one - other,
  "*": (one, other) => one * other,
  "/": (one, other) => one / other,
  "^": (one, other) => one ** other,
  "%": (one, other) => one % other,
};

function call({ function: name, arguments: given }: Expression & { kind: "call" }, now: number): Evaluate {
  const ofPeriod = byPeriod(name);
  const evaluated = given.map((argument) => compile(argument, now));
  if (ofPeriod === undefined) {
    return (row) =>
      applied(
        name,
        evaluated.map((evaluate) => evaluate(row)),
        now,
      );
  }
  const last = given.at(-1);
  if (last?.kind !== "period") return () => undefined;
  const time: Evaluate = ofPeriod.isOfEvent ? (row) => row.get("@timestamp") : (evaluated[0] as Evaluate);
  return (row) => {
    const milliseconds = numberOf(time(row));
    return milliseconds === undefined ? undefined : new Timestamp(ofPeriod.apply(milliseconds, last.period));
  };
}
