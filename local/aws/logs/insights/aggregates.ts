import { type Expression, partsOf } from "./syntax.ts";
import { inOrder, numberOf, textOf, type Value } from "./values.ts";

/** Takes the events of a group one after the other. */
export interface Aggregate {
  add(value: Value, at: number | undefined): void;
  result(): Value;
}

const counting = (counts: (value: Value) => boolean): Aggregate => {
  let count = 0;
  return {
    add: (value) => {
      if (counts(value)) count += 1;
    },
    result: () => count,
  };
};

const distinct = (): Aggregate => {
  const seen = new Set<string>();
  return {
    add: (value) => {
      if (value !== undefined) seen.add(textOf(value));
    },
    result: () => seen.size,
  };
};

/** Of values that are numbers; there is no result without any. */
const ofNumbers = (result: (numbers: number[]) => number): Aggregate => {
  const numbers: number[] = [];
  return {
    add: (value) => {
      const number = numberOf(value);
      if (number !== undefined) numbers.push(number);
    },
    result: () => (numbers.length === 0 ? undefined : result(numbers)),
  };
};

const total = (numbers: number[]): number => numbers.reduce((sum, number) => sum + number, 0);
const mean = (numbers: number[]): number => total(numbers) / numbers.length;
const deviation = (numbers: number[]): number => {
  const middle = mean(numbers);
  return Math.sqrt(mean(numbers.map((number) => (number - middle) ** 2)));
};

/** By nearest rank: a value that was there. */
const percentile =
  (percent: number) =>
  (numbers: number[]): number => {
    const sorted = Float64Array.from(numbers).sort();
    return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] as number;
  };

/** The value that one event has and that none of the others beats. */
const best = (beats: (one: Candidate, other: Candidate) => boolean): Aggregate => {
  let found: Candidate | undefined;
  return {
    add: (value, at) => {
      if (value === undefined) return;
      const candidate = { value, at: at ?? 0 };
      if (found === undefined || beats(candidate, found)) found = candidate;
    },
    result: () => found?.value,
  };
};
interface Candidate {
  value: Value;
  at: number;
}

/** Numbers are greater and smaller than each other; other values only where there is no number. */
const extreme = (direction: 1 | -1): Aggregate =>
  best((one, other) => {
    const [first, second] = [numberOf(one.value), numberOf(other.value)];
    if ((first === undefined) !== (second === undefined)) return second === undefined;
    return direction * inOrder(one.value, other.value) > 0;
  });

const aggregates: Record<string, (share: number) => Aggregate> = {
  count: () => counting((value) => value !== undefined),
  count_distinct: distinct,
  sum: () => ofNumbers(total),
  avg: () => ofNumbers(mean),
  min: () => extreme(-1),
  max: () => extreme(1),
  median: () => ofNumbers(percentile(50)),
  pct: (share) => ofNumbers(percentile(share)),
  percentile: (share) => ofNumbers(percentile(share)),
  stddev: () => ofNumbers(deviation),
  earliest: () => best((one, other) => one.at < other.at),
  latest: () => best((one, other) => one.at > other.at),
  sortsfirst: () => best((one, other) => inOrder(one.value, other.value) < 0),
  sortslast: () => best((one, other) => inOrder(one.value, other.value) > 0),
};
const withShare = ["pct", "percentile"];

export const isAggregate = (name: string): boolean => Object.hasOwn(aggregates, name);

export function hasAggregate(expression: Expression): boolean {
  return (expression.kind === "call" && isAggregate(expression.function)) || partsOf(expression).some(hasAggregate);
}

/** One that is begun for each group; undefined where it is not called so. */
export function aggregateOf(name: string, given: Expression[]): (() => Aggregate) | undefined {
  const make = aggregates[name];
  if (make === undefined || (given.length === 0 && name !== "count")) return undefined;
  if (!withShare.includes(name)) return given.length <= 1 ? () => make(0) : undefined;
  const [, share] = given;
  const percent = share?.kind === "value" && given.length === 2 ? numberOf(share.value) : undefined;
  return percent === undefined || percent < 0 || percent > 100 ? undefined : () => make(percent);
}
