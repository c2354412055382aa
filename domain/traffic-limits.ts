import type { SlotFigures } from "./slot-figures.ts";
import type { RolloutPolicy } from "./specification.ts";

export type Limits = Pick<NonNullable<RolloutPolicy["auto_rollback"]>, "error_rate_percent" | "latency_p95_ms" | "min_requests">;

/** Whether there is any: what is judged by alarms alone has none. */
export const hasLimits = ({ error_rate_percent, latency_p95_ms }: Omit<Limits, "min_requests">): boolean =>
  error_rate_percent !== null || latency_p95_ms !== null;

export interface LimitFault {
  reason: "ErrorRateTooHigh" | "LatencyTooHigh";
  /** What was measured, of how many requests, and the limit. */
  message: string;
}

/** Errors before latency: an error may be quick. `told`: the limits as they are said, where others are judged by. */
export function beyondLimits(figures: SlotFigures, limits: Limits, told: Limits = limits): LimitFault | undefined {
  if (figures.requests < limits.min_requests) return undefined;
  return tooManyErrors(figures, limits, told) ?? tooSlow(figures, limits, told);
}

function tooManyErrors({ error_rate_percent: rate, requests }: SlotFigures, limits: Limits, told: Limits): LimitFault | undefined {
  if (limits.error_rate_percent === null || rate <= limits.error_rate_percent) return undefined;
  const message = `${rounded(rate)} % of ${requests} requests were answered with an error; the limit is ${told.error_rate_percent} %`;
  return { reason: "ErrorRateTooHigh", message };
}

function tooSlow({ latency_p95_ms: p95, requests }: SlotFigures, limits: Limits, told: Limits): LimitFault | undefined {
  if (limits.latency_p95_ms === null || p95 === null || p95 <= limits.latency_p95_ms) return undefined;
  return {
    reason: "LatencyTooHigh",
    message: `95 % of ${requests} requests took up to ${rounded(p95)} ms; the limit is ${told.latency_p95_ms} ms`,
  };
}

const rounded = (number: number): number => Math.round(number * 100) / 100;
