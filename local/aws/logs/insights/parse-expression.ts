import { isAggregate } from "./aggregates.ts";
import { requireFunction } from "./functions.ts";
import { periodOf } from "./periods.ts";
import type { Expression, Sign } from "./syntax.ts";
import type { TokenReader } from "./token-reader.ts";

/** From what binds least to what binds most. Errors: MalformedQueryException. */
export function parseExpression(reader: TokenReader): Expression {
  return chain(reader, ["or"], () => chain(reader, ["and"], () => negation(reader)));
}

function chain(reader: TokenReader, signs: Sign[], next: () => Expression): Expression {
  const from = reader.at;
  let left = next();
  for (let sign = reader.take(...signs); sign !== undefined; sign = reader.take(...signs)) {
    const right = next();
    left = { kind: "operation", sign: sign as Sign, left, right, text: reader.since(from) };
  }
  return left;
}

function negation(reader: TokenReader): Expression {
  const from = reader.at;
  if (reader.take("not") === undefined) return comparison(reader);
  const of = negation(reader);
  return { kind: "not", of, text: reader.since(from) };
}

function comparison(reader: TokenReader): Expression {
  const from = reader.at;
  const left = sum(reader);
  const sign = reader.take("=", "!=", "<=", ">=", "<", ">");
  if (sign !== undefined) {
    const right = sum(reader);
    return { kind: "operation", sign: sign as Sign, left, right, text: reader.since(from) };
  }
  const isNegated = reader.take("not") !== undefined;
  const word = isNegated ? reader.demand("like", "in") : reader.take("like", "=~", "in");
  if (word === undefined) return left;
  const found = word === "in" ? among(reader, left, from) : likeness(reader, left, from);
  return isNegated ? { kind: "not", of: found, text: reader.since(from) } : found;
}

function likeness(reader: TokenReader, of: Expression, from: number): Expression {
  const { kind, text } = reader.next("text", "pattern");
  if (kind === "text") return { kind: "holds", of, part: text, text: reader.since(from) };
  return { kind: "matches", of, pattern: patternOf(reader, text), text: reader.since(from) };
}

/** `(?i)` and its like stand for the whole of what follows; here they are flags. */
function patternOf(reader: TokenReader, source: string): RegExp {
  const flags = new Set<string>();
  const body = source.replace(/^(\^?)\(\?([ims]+)\)/, (_whole, anchor: string, letters: string) => {
    for (const letter of letters) flags.add(letter);
    return anchor;
  });
  try {
    return new RegExp(body, [...flags].join(""));
  } catch (error) {
    throw reader.misfit((error as Error).message);
  }
}

function among(reader: TokenReader, of: Expression, from: number): Expression {
  reader.demand("[");
  const values: (string | number)[] = [];
  do {
    const isNegative = reader.take("-") !== undefined;
    const { kind, text } = isNegative ? reader.next("number") : reader.next("text", "number");
    values.push(kind === "text" ? text : Number(text) * (isNegative ? -1 : 1));
  } while (reader.take(",") !== undefined);
  reader.demand("]");
  return { kind: "among", of, values, text: reader.since(from) };
}

const sum = (reader: TokenReader): Expression => chain(reader, ["+", "-"], () => chain(reader, ["*", "/", "%"], () => signed(reader)));

function signed(reader: TokenReader): Expression {
  const from = reader.at;
  if (reader.take("-") === undefined) return power(reader);
  const right = signed(reader);
  return { kind: "operation", sign: "-", left: { kind: "value", value: 0, text: "0" }, right, text: reader.since(from) };
}

function power(reader: TokenReader): Expression {
  const from = reader.at;
  const left = operand(reader);
  if (reader.take("^") === undefined) return left;
  const right = signed(reader);
  return { kind: "operation", sign: "^", left, right, text: reader.since(from) };
}

function operand(reader: TokenReader): Expression {
  const from = reader.at;
  if (reader.take("(") !== undefined) {
    const inner = parseExpression(reader);
    reader.demand(")");
    return { ...inner, text: reader.since(from) };
  }
  const { kind, text } = reader.next("name", "quoted name", "text", "number", "period");
  if (kind === "text") return { kind: "value", value: text, text: reader.since(from) };
  if (kind === "number") return { kind: "value", value: Number(text), text: reader.since(from) };
  if (kind === "period") return { kind: "period", period: periodOf(text), text };
  if (kind === "name" && /^(?:true|false)$/i.test(text)) return { kind: "value", value: text.toLowerCase(), text };
  return kind === "name" && reader.take("(") !== undefined ? call(reader, text.toLowerCase(), from) : { kind: "field", name: text, text };
}

function call(reader: TokenReader, name: string, from: number): Expression {
  const given: Expression[] = [];
  if (name === "count" && reader.take("*") !== undefined) reader.demand(")");
  else if (reader.take(")") === undefined) {
    do given.push(parseExpression(reader));
    while (reader.take(",") !== undefined);
    reader.demand(")");
  }
  if (!isAggregate(name)) requireFunction(name, given);
  return { kind: "call", function: name, arguments: given, text: reader.since(from) };
}
