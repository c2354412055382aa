import { malformed } from "./malformed.ts";
import type { Period } from "./syntax.ts";

const names: Record<string, string[]> = {
  ms: ["ms", "msec", "millisecond"],
  s: ["s", "sec", "second"],
  m: ["m", "min", "minute"],
  h: ["h", "hr", "hour"],
  d: ["d", "day"],
  w: ["w", "week"],
  mo: ["mo", "mon", "month"],
  q: ["q", "qtr", "quarter"],
  y: ["y", "yr", "year"],
};
const lengths: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const months: Record<string, number> = { mo: 1, q: 3, y: 12 };
/** A longer period of such a unit is taken for one of this length. */
const caps: Record<string, number> = { ms: 1000, s: 60, m: 60, h: 24 };

/** Errors: MalformedQueryException. */
export function periodOf(written: string): Period {
  const [, digits = "", word = ""] = /^(\d+)([A-Za-z]+)$/.exec(written) ?? [];
  const unit = Object.keys(names).find((each) => names[each]?.some((name) => word === name || (name.length > 1 && word === `${name}s`)));
  const amount = Math.min(Number(digits), caps[unit ?? ""] ?? Number.POSITIVE_INFINITY);
  if (unit === undefined || amount < 1) throw malformed(written, "a period is a number and a unit, such as 5m, 1h or 2days");
  return { amount, unit };
}

/** The beginning of the period in which a time lies. Times in milliseconds since the epoch. */
export function floorOf(time: number, { amount, unit }: Period): number {
  const length = lengths[unit];
  if (length !== undefined) return Math.floor(time / (amount * length)) * amount * length;
  const date = new Date(time);
  const count = amount * (months[unit] ?? 1);
  return Date.UTC(1970, Math.floor(((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()) / count) * count);
}

/** The end of it; of a time that begins one, that time itself. */
export function ceilingOf(time: number, period: Period): number {
  const begin = floorOf(time, period);
  if (begin === time) return time;
  const length = lengths[period.unit];
  if (length !== undefined) return begin + period.amount * length;
  const date = new Date(begin);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + period.amount * (months[period.unit] ?? 1));
}
