/** When a rule with a schedule runs. */
export interface Schedule {
  /** The first time after `after`, both in milliseconds since the epoch. */
  next(after: number): number;
}

const minute = 60_000;
const unitMinutes: Record<string, number> = { minute: 1, minutes: 1, hour: 60, hours: 60, day: 1440, days: 1440 };

/** Errors: an expression that is neither `rate(…)` nor a `cron(…)` of numbers, lists, ranges, steps and names. */
export function parseSchedule(expression: string): Schedule {
  const [, count, unit = ""] = /^rate\((\d+) (\w+)\)$/.exec(expression) ?? [];
  const minutes = unitMinutes[unit];
  if (count !== undefined && minutes !== undefined) return { next: (after) => after + Number(count) * minutes * minute };
  const [, fields] = /^cron\((.+)\)$/.exec(expression) ?? [];
  const parts = fields?.trim().split(/\s+/);
  if (parts?.length !== 6) throw new Error(`The schedule ${expression} is neither rate(<n> <unit>) nor cron(<six fields>)`);
  return cron(parts, expression);
}

interface Field {
  from: number;
  to: number;
  names?: string[];
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const fields: Field[] = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: months },
  { from: 1, to: 7, names: weekdays },
  { from: 1970, to: 2199 },
];

function cron(parts: string[], expression: string): Schedule {
  const [inMinutes, inHours, inDays, inMonths, inWeekdays, inYears] = parts.map((part, index) =>
    parseField(part, fields[index] as Field, expression),
  ) as Set<number>[];
  const fits = (at: Date): boolean =>
    !!inMinutes?.has(at.getUTCMinutes()) &&
    !!inHours?.has(at.getUTCHours()) &&
    !!inDays?.has(at.getUTCDate()) &&
    !!inMonths?.has(at.getUTCMonth() + 1) &&
    !!inWeekdays?.has(at.getUTCDay() + 1) &&
    !!inYears?.has(at.getUTCFullYear());
  return {
    next: (after) => {
      const at = new Date(Math.floor(after / minute) * minute + minute);
      // Whole days are skipped first, so that even a yearly schedule is found in a few hundred steps.
      for (let step = 0; step < 200_000; step += 1) {
        if (fits(at)) return at.getTime();
        const rightDay = inDays?.has(at.getUTCDate()) && inMonths?.has(at.getUTCMonth() + 1) && inWeekdays?.has(at.getUTCDay() + 1);
        if (rightDay) at.setTime(at.getTime() + minute);
        else at.setUTCHours(24, 0, 0, 0);
      }
      throw new Error(`The schedule ${expression} never runs`);
    },
  };
}

function parseField(part: string, { from, to, names }: Field, expression: string): Set<number> {
  const values = new Set<number>();
  for (const item of part.split(",")) {
    const [, range = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(item) ?? [];
    const [first, last] =
      range === "*" || range === "?" ? [from, to] : range.split("-").map((word) => number(word, names, from, expression));
    const end = last ?? (step === undefined ? first : to);
    for (let value = first ?? from; value <= (end ?? to); value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

function number(word: string, names: string[] | undefined, from: number, expression: string): number {
  const named = names?.indexOf(word.toUpperCase()) ?? -1;
  if (named >= 0) return named + from;
  if (!/^\d+$/.test(word)) throw new Error(`The schedule ${expression} uses ${word}, which the local runtime does not know`);
  return Number(word);
}
