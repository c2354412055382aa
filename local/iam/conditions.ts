import { matchesPattern } from "./pattern.ts";

/** Condition keys of a request, lower-case (`dynamodb:leadingkeys`); a key that the request does not have is absent. */
export type RequestContext = Record<string, string[]>;

type Compare = (given: string, wanted: string) => boolean;

const compares: Record<string, Compare> = {
  StringEquals: (given, wanted) => given === wanted,
  StringEqualsIgnoreCase: (given, wanted) => given.toLowerCase() === wanted.toLowerCase(),
  StringLike: (given, wanted) => matchesPattern(wanted, given),
  ArnEquals: (given, wanted) => matchesPattern(wanted, given),
  ArnLike: (given, wanted) => matchesPattern(wanted, given),
  Bool: (given, wanted) => given.toLowerCase() === wanted.toLowerCase(),
  NumericEquals: (given, wanted) => Number(given) === Number(wanted),
  NumericLessThan: (given, wanted) => Number(given) < Number(wanted),
  NumericLessThanEquals: (given, wanted) => Number(given) <= Number(wanted),
  NumericGreaterThan: (given, wanted) => Number(given) > Number(wanted),
  NumericGreaterThanEquals: (given, wanted) => Number(given) >= Number(wanted),
};
const negations: Record<string, string> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
  NumericNotEquals: "NumericEquals",
};

interface Operator {
  quantifier: "ForAllValues" | "ForAnyValue" | null;
  compare: Compare | "Null";
  negated: boolean;
  ifExists: boolean;
}

/** Errors: an operator that is not known here, since guessing would allow or refuse wrongly. */
export function parseOperator(name: string): Operator {
  const [, quantifier, base = "", ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(name) ?? [];
  const positive = negations[base] ?? base;
  const compare = positive === "Null" ? "Null" : compares[positive];
  if (compare === undefined)
    throw new Error(`The IAM condition operator ${name} is not known to the local runtime (local/iam/conditions.ts)`);
  return {
    quantifier: (quantifier as Operator["quantifier"]) ?? null,
    compare,
    negated: base in negations,
    ifExists: ifExists !== undefined,
  };
}

export type ConditionBlock = Record<string, Record<string, unknown>>;

/** All operators and all keys must hold; of several wanted values one is enough. */
export function conditionsHold(block: ConditionBlock | undefined, context: RequestContext): boolean {
  return Object.entries(block ?? {}).every(([name, keys]) => {
    const operator = parseOperator(name);
    return Object.entries(keys).every(([key, wanted]) => holdsForKey(operator, context[key.toLowerCase()], asList(wanted)));
  });
}

function holdsForKey(operator: Operator, given: string[] | undefined, wanted: string[]): boolean {
  const { compare, negated, quantifier, ifExists } = operator;
  if (compare === "Null") return wanted.includes(String(given === undefined));
  // A missing key satisfies a negated operator and ForAllValues (IAM calls both out as traps); anything else fails on it.
  if (given === undefined) return ifExists || quantifier === "ForAllValues" || (negated && quantifier === null);
  const one = (value: string): boolean => wanted.some((want) => compare(value, want)) !== negated;
  return quantifier === "ForAllValues"
    ? given.every(one)
    : quantifier === "ForAnyValue"
      ? given.some(one)
      : given.length > 0 && given.every(one);
}

const asList = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
