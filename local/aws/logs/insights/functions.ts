import { malformed } from "./malformed.ts";
import { ceilingOf, floorOf } from "./periods.ts";
import type { Expression, Period } from "./syntax.ts";
import { isTrue, numberOf, Timestamp, textOf, type Value } from "./values.ts";

interface Known {
  /** Fewest and most arguments. */
  takes: [number, number];
  apply: (values: Value[], now: number) => Value;
}

const many = Number.POSITIVE_INFINITY;

const ofNumber = (apply: (number: number) => number): Known => ({
  takes: [1, 1],
  apply: ([value]) => {
    const number = numberOf(value);
    return number === undefined ? undefined : apply(number);
  },
});

const ofNumbers = (apply: (numbers: number[]) => number): Known => ({
  takes: [1, many],
  apply: (values) => {
    const numbers = values.map(numberOf);
    return numbers.every((number) => number !== undefined) ? apply(numbers) : undefined;
  },
});

const ofText = (takes: Known["takes"], apply: (text: string, ...more: string[]) => Value): Known => ({
  takes,
  apply: (values) => {
    const texts = values.map(textOf);
    return texts.every((text) => text !== undefined) ? apply(...(texts as [string, ...string[]])) : undefined;
  },
});

const without = (text: string, characters: string | undefined, ends: "left" | "right" | "both"): string => {
  const isGone = (character: string) => (characters === undefined ? /\s/.test(character) : characters.includes(character));
  let [from, until] = [0, text.length];
  while (ends !== "right" && from < until && isGone(text[from] as string)) from += 1;
  while (ends !== "left" && until > from && isGone(text[until - 1] as string)) until -= 1;
  return text.slice(from, until);
};

const functions: Record<string, Known> = {
  abs: ofNumber(Math.abs),
  ceil: ofNumber(Math.ceil),
  floor: ofNumber(Math.floor),
  log: ofNumber(Math.log),
  sqrt: ofNumber(Math.sqrt),
  tonumber: ofNumber((number) => number),
  greatest: ofNumbers((numbers) => Math.max(...numbers)),
  least: ofNumbers((numbers) => Math.min(...numbers)),
  round: {
    takes: [1, 2],
    apply: ([value, places]) => {
      const [number, scale] = [numberOf(value), 10 ** (numberOf(places) ?? 0)];
      return number === undefined ? undefined : Math.round(number * scale) / scale;
    },
  },
  frommillis: {
    takes: [1, 1],
    apply: ([value]) => {
      const number = numberOf(value);
      return number === undefined ? undefined : new Timestamp(number);
    },
  },
  tomillis: { takes: [1, 1], apply: ([value]) => (value instanceof Timestamp ? value.milliseconds : undefined) },
  now: { takes: [0, 0], apply: (_none, now) => Math.floor(now / 1000) },
  ispresent: { takes: [1, 1], apply: ([value]) => Number(value !== undefined) },
  isnumeric: { takes: [1, 1], apply: ([value]) => Number(numberOf(value) !== undefined) },
  coalesce: { takes: [1, many], apply: (values) => values.find((value) => value !== undefined) },
  if: { takes: [3, 3], apply: ([condition, yes, no]) => (isTrue(condition) ? yes : no) },
  isempty: { takes: [1, 1], apply: ([value]) => Number((textOf(value) ?? "") === "") },
  isblank: { takes: [1, 1], apply: ([value]) => Number((textOf(value) ?? "").trim() === "") },
  concat: ofText([1, many], (...texts) => texts.join("")),
  ltrim: ofText([1, 2], (text, characters) => without(text, characters, "left")),
  rtrim: ofText([1, 2], (text, characters) => without(text, characters, "right")),
  trim: ofText([1, 2], (text, characters) => without(text, characters, "both")),
  strlen: ofText([1, 1], (text) => [...text].length),
  toupper: ofText([1, 1], (text) => text.toUpperCase()),
  tolower: ofText([1, 1], (text) => text.toLowerCase()),
  substr: ofText([2, 3], (text, from, length) => {
    const begin = Math.max(0, Number(from));
    return [...text].slice(begin, length === undefined ? undefined : begin + Number(length)).join("");
  }),
  replace: ofText([3, 3], (text, part = "", other = "") => (part === "" ? text : text.split(part).join(other))),
  strcontains: ofText([2, 3], (text, part = "", anyCase = "false") =>
    Number(anyCase === "true" ? text.toLowerCase().includes(part.toLowerCase()) : text.includes(part)),
  ),
  startswith: ofText([2, 2], (text, part = "") => Number(text.startsWith(part))),
  endswith: ofText([2, 2], (text, part = "") => Number(text.endsWith(part))),
};

/** Of the time of an event, or of the one that is given first, by the period that is given last. */
const ofPeriods: Record<string, { times: 0 | 1; apply: (time: number, period: Period) => number }> = {
  bin: { times: 0, apply: floorOf },
  datefloor: { times: 1, apply: floorOf },
  dateceil: { times: 1, apply: ceilingOf },
};

/** Errors: MalformedQueryException, when there is no such function or it is not called so. */
export function requireFunction(name: string, given: Expression[]): void {
  const [known, ofPeriod] = [ownOf(functions, name), ownOf(ofPeriods, name)];
  if (known === undefined && ofPeriod === undefined) throw malformed(`${name}(…)`, "there is no such function here");
  const [fewest, most] = known?.takes ?? [(ofPeriod?.times ?? 0) + 1, (ofPeriod?.times ?? 0) + 1];
  if (given.length < fewest || given.length > most) throw malformed(`${name}(…)`, `it was given ${given.length} arguments`);
  const odd = given.find(({ kind }, index) => (kind === "period") !== (ofPeriod !== undefined && index === ofPeriod.times));
  if (odd !== undefined) throw malformed(`${name}(…)`, `${odd.text} cannot stand there`);
}

/** What a known function does with its arguments. `now`: when the query began, in milliseconds. */
export function applied(name: string, values: Value[], now: number): Value {
  return ownOf(functions, name)?.apply(values, now);
}

/** The period of `bin` and its like, and what is to be done by it; undefined for any other function. */
export function byPeriod(name: string): { isOfEvent: boolean; apply: (time: number, period: Period) => number } | undefined {
  const found = ownOf(ofPeriods, name);
  return found && { isOfEvent: found.times === 0, apply: found.apply };
}

const ownOf = <T>(table: Record<string, T>, name: string): T | undefined => (Object.hasOwn(table, name) ? table[name] : undefined);
