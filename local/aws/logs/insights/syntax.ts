/** A query of CloudWatch Logs Insights, taken apart. */
export type Command =
  | { word: "fields" | "display"; columns: Column[] }
  | { word: "filter"; condition: Expression }
  | { word: "stats"; columns: Column[]; by: Column[] }
  | { word: "sort"; keys: SortKey[] }
  | { word: "dedup"; by: Expression[] }
  | { word: "limit"; count: number };

export interface SortKey {
  by: Expression;
  descending: boolean;
}

/** What is shown, and by which name: that after `as`, else the expression as it was written. */
export interface Column {
  name: string;
  of: Expression;
}

/** `text`: as it was written. */
export type Expression = { text: string } & (
  | { kind: "field"; name: string }
  | { kind: "value"; value: string | number }
  | { kind: "period"; period: Period }
  | { kind: "call"; function: string; arguments: Expression[] }
  | { kind: "not"; of: Expression }
  | { kind: "operation"; sign: Sign; left: Expression; right: Expression }
  | { kind: "matches"; of: Expression; pattern: RegExp }
  | { kind: "holds"; of: Expression; part: string }
  | { kind: "among"; of: Expression; values: (string | number)[] }
);

export type Sign = "and" | "or" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "^" | "%";

export interface Period {
  amount: number;
  unit: string;
}

/** Fields that an expression asks for; `bin` asks for the time without naming it. */
export function fieldsOf(expression: Expression): string[] {
  if (expression.kind === "field") return [expression.name];
  if (expression.kind === "call" && expression.function === "bin") return ["@timestamp"];
  return partsOf(expression).flatMap(fieldsOf);
}

/** The same with each of its parts put through a function. */
export function withParts(expression: Expression, change: (part: Expression) => Expression): Expression {
  switch (expression.kind) {
    case "call":
      return { ...expression, arguments: expression.arguments.map(change) };
    case "operation":
      return { ...expression, left: change(expression.left), right: change(expression.right) };
    case "not":
    case "matches":
    case "holds":
    case "among":
      return { ...expression, of: change(expression.of) };
    default:
      return expression;
  }
}

export function partsOf(expression: Expression): Expression[] {
  switch (expression.kind) {
    case "call":
      return expression.arguments;
    case "operation":
      return [expression.left, expression.right];
    case "not":
    case "matches":
    case "holds":
    case "among":
      return [expression.of];
    default:
      return [];
  }
}
