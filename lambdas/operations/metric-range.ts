import { Problem } from "../../domain/errors.ts";
import type { MetricRange } from "../../domain/metrics.ts";

export interface RangeAsked {
  /** Milliseconds; undefined: the last hour, up to now. */
  from: number | undefined;
  until: number | undefined;
  /** Seconds; undefined: as fits the range. */
  step: number | undefined;
}

const usualRange = 3_600_000;
/** Of which one is taken, as fine as gives no more points than a chart shows. */
const usualSteps = [60, 300, 900, 3_600, 21_600, 86_400];
const usualPoints = 120;
const mostPoints = 1_500;

/** The steps that are told of, none of which lies before what is kept. Errors: `invalid-input` for too many of them. */
export function metricRange({ from, until, step }: RangeAsked, now: number, keptDays: number): MetricRange {
  const end = Math.min(until ?? now, now);
  const begin = Math.max(from ?? end - usualRange, now - keptDays * 86_400_000);
  const seconds = step ?? usualSteps.find((each) => (end - begin) / 1000 / each <= usualPoints) ?? 86_400;
  const milliseconds = seconds * 1000;
  // Steps begin at whole ones, so that the same time is in the same step whenever it is asked for.
  const range = {
    from: Math.floor(begin / milliseconds) * milliseconds,
    until: Math.max(Math.ceil(end / milliseconds), Math.floor(begin / milliseconds) + 1) * milliseconds,
    step: milliseconds,
  };
  const points = (range.until - range.from) / milliseconds;
  if (points <= mostPoints) return range;
  const message = `${points} steps of ${seconds} s lie between from and to; at most ${mostPoints} are told at once`;
  throw new Problem("invalid-input", `The query is not valid. ${message}: give a longer step or a shorter time`, {
    errors: [{ path: "step", message }],
  });
}
