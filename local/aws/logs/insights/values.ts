/** A time: its own kind of value, which is a number of milliseconds where one is needed. */
export class Timestamp {
  readonly milliseconds: number;
  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
  }
}

/** undefined: there is none. What is true or false is 1 or 0. */
export type Value = string | number | Timestamp | undefined;

export interface Row {
  get(field: string): Value;
}

/** As results have it. */
export function textOf(value: Exclude<Value, undefined>): string;
export function textOf(value: Value): string | undefined;
export function textOf(value: Value): string | undefined {
  if (value instanceof Timestamp) return new Date(value.milliseconds).toISOString().replace("T", " ").replace("Z", "");
  return value === undefined ? undefined : String(value);
}

const numeric = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** A text that is a number counts as one. */
export function numberOf(value: Value): number | undefined {
  if (value instanceof Timestamp) return value.milliseconds;
  if (typeof value === "string") return numeric.test(value) ? Number(value) : undefined;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

export const isTrue = (value: Value): boolean => value !== undefined && value !== 0 && value !== "" && value !== "false" && value !== "0";

/** Numbers as numbers, everything else as text; undefined where there is nothing to compare. */
export function compare(one: Value, other: Value): number | undefined {
  if (one === undefined || other === undefined) return undefined;
  const [first, second] = [numberOf(one), numberOf(other)];
  if (first !== undefined && second !== undefined) return first - second;
  const [left, right] = [textOf(one), textOf(other)];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** The order of `sort`, ascending: what is missing, then what is no number, its digits and other characters apart, then numbers. */
export function inOrder(one: Value, other: Value): number {
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined);
  const [first, second] = [numberOf(one), numberOf(other)];
  if (first !== undefined && second !== undefined) return first - second;
  if (first !== undefined || second !== undefined) return first === undefined ? -1 : 1;
  return byChunks(textOf(one), textOf(other));
}

function byChunks(one: string, other: string): number {
  const [left, right] = [chunksOf(one), chunksOf(other)];
  for (const [index, chunk] of left.entries()) {
    const opposite = right[index];
    if (opposite === undefined) return 1;
    const areDigits = /^\d/.test(chunk) && /^\d/.test(opposite);
    const order = areDigits ? chunk.length - opposite.length || byCode(chunk, opposite) : byCode(chunk, opposite);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

const chunksOf = (text: string): string[] => text.match(/\d+|[A-Za-z]+|[^\dA-Za-z]+/g) ?? [];
const byCode = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);
