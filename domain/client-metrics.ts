import { type Counts, type MetricPoint, type MetricRange, metricPoint } from "./metrics.ts";

/** What was logged of the requests of a client in some time. */
export type AccessCount = Counts;

/** In milliseconds since the epoch. */
export interface Observed {
  from: number;
  until: number;
}

const nothing: AccessCount = { requests: 0, server_errors: 0, client_errors: 0, latency_ms: [null, null, null] };

/**
 * One point for each step of the range, and one for the whole of it. Every request is logged, so that a step is observed as
 * far as it lies in the time that the log can tell of: there, who has not asked has asked for nothing.
 */
export function measureAccess(
  steps: ReadonlyMap<number, AccessCount>,
  total: AccessCount,
  { from, until, step }: MetricRange,
  observed: Observed,
): { points: MetricPoint[]; total: MetricPoint } {
  const secondsOf = (begin: number, end: number) => Math.max(0, Math.min(end, observed.until) - Math.max(begin, observed.from)) / 1000;
  const point = (begin: number, end: number, counts: AccessCount) => {
    const seconds = secondsOf(begin, end);
    return metricPoint(begin, seconds, seconds > 0 ? counts : nothing);
  };
  const begins = Array.from({ length: Math.ceil((until - from) / step) }, (_, index) => from + index * step);
  return {
    points: begins.map((begin, index) => point(begin, begin + step, steps.get(index) ?? nothing)),
    total: point(from, until, total),
  };
}
