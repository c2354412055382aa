import { invalid, regularExpression } from "./regular-expression.ts";

type Test = (document: unknown) => boolean;
type Value = (value: string | number) => boolean;

/**
 * A filter pattern for JSON: `{ $.level = "err*" && ($.status >= 500 || $.error NOT EXISTS) }`. Errors: what is no pattern, and
 * selectors with wildcards or quotation marks, which are not here.
 */
export function jsonFilter(pattern: string): (message: string) => boolean {
  const [, inner] = /^\{(.*)\}$/s.exec(pattern) ?? [];
  const reader = new Reader(inner ?? "", pattern);
  const test = either(reader);
  reader.requireEnd();
  return (message) => {
    const document = parse(message);
    return document !== undefined && test(document);
  };
}

const tokens = /\s*(&&|\|\||[()]|!=|<=|>=|[=<>]|"(?:[^"\\]|\\.)*"|%[^%]+%|\$[\w.[\]-]*|[\w.*+:/-]+)/y;

class Reader {
  private readonly tokens: string[] = [];
  private readonly pattern: string;

  constructor(text: string, pattern: string) {
    this.pattern = pattern;
    tokens.lastIndex = 0;
    let end = 0;
    for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
      this.tokens.push(found[1] as string);
      end = tokens.lastIndex;
    }
    if (text.slice(end).trim() !== "") throw this.wrong(`not understood: ${text.slice(end).trim()}`);
  }

  take(): string {
    const token = this.tokens.shift();
    if (token === undefined) throw this.wrong("it ends too early");
    return token;
  }
  takeIf(...wanted: string[]): string | undefined {
    return wanted.includes(this.tokens[0] ?? "") ? this.take() : undefined;
  }
  requireEnd(): void {
    if (this.tokens.length > 0) throw this.wrong(`not understood: ${this.tokens.join(" ")}`);
  }
  wrong(why: string) {
    return invalid(
      `Invalid filter pattern: ${why} (the local CloudWatch Logs filters JSON by $.field, comparisons, IS, NOT EXISTS, && and ||): ${this.pattern}`,
    );
  }
}

function either(reader: Reader): Test {
  const tests = [both(reader)];
  while (reader.takeIf("||")) tests.push(both(reader));
  return (document) => tests.some((test) => test(document));
}

function both(reader: Reader): Test {
  const tests = [one(reader)];
  while (reader.takeIf("&&")) tests.push(one(reader));
  return (document) => tests.every((test) => test(document));
}

function one(reader: Reader): Test {
  if (reader.takeIf("(") === undefined) return condition(reader);
  const test = either(reader);
  if (reader.takeIf(")") === undefined) throw reader.wrong("a parenthesis is not closed");
  return test;
}

function condition(reader: Reader): Test {
  const select = selector(reader);
  if (reader.takeIf("NOT")) {
    if (reader.takeIf("EXISTS") === undefined) throw reader.wrong("NOT stands before EXISTS only");
    return (document) => select(document) === undefined;
  }
  if (reader.takeIf("IS")) {
    const wanted = { NULL: null, TRUE: true, FALSE: false }[reader.take()];
    if (wanted === undefined) throw reader.wrong("IS stands before NULL, TRUE or FALSE");
    return (document) => select(document) === wanted;
  }
  const operator = reader.takeIf("=", "!=", "<", ">", "<=", ">=");
  if (operator === undefined) throw reader.wrong("a comparison is missing");
  const holds = comparison(operator, reader);
  return (document) => {
    const value = select(document);
    return (typeof value === "string" || typeof value === "number") && holds(value);
  };
}

function selector(reader: Reader): (document: unknown) => unknown {
  const given = reader.take();
  if (!/^\$(\.[\w-]+|\[\d+\])+$/.test(given)) throw reader.wrong(`no selector: ${given}`);
  const path = [...given.matchAll(/[\w-]+/g)].map(([part]) => part);
  return (document) =>
    path.reduce<unknown>((found, part) => {
      return typeof found === "object" && found !== null && Object.hasOwn(found, part)
        ? (found as Record<string, unknown>)[part]
        : undefined;
    }, document);
}

function comparison(operator: string, reader: Reader): Value {
  const given = reader.take();
  const number = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(given) ? Number(given) : undefined;
  if (operator === "=" || operator === "!=") {
    const equals = equality(given, number, reader);
    return operator === "=" ? equals : (value) => !equals(value);
  }
  if (number === undefined) throw reader.wrong(`${operator} compares numbers, given ${given}`);
  const comparisons: Record<string, (value: number) => boolean> = {
    "<": (value) => value < number,
    ">": (value) => value > number,
    "<=": (value) => value <= number,
    ">=": (value) => value >= number,
  };
  return (value) => typeof value === "number" && (comparisons[operator]?.(value) ?? false);
}

/** What is in quotation marks is a text; `*` stands for any characters. */
function equality(given: string, number: number | undefined, reader: Reader): Value {
  if (/^([&|()=<>]|!=)/.test(given) || given.startsWith("$")) throw reader.wrong(`no value: ${given}`);
  if (given.startsWith("%")) {
    const expression = regularExpression(given.slice(1, -1));
    return (value) => expression.test(String(value));
  }
  const isQuoted = given.startsWith('"');
  const text = isQuoted ? given.slice(1, -1).replaceAll(/\\(.)/gs, "$1") : given;
  const parts = text.split("*").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  const matches = new RegExp(`^${parts.join(".*")}$`, "s");
  return (value) => (typeof value === "number" ? !isQuoted && (value === number || matches.test(String(value))) : matches.test(value));
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
