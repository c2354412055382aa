import type { MissedObjective } from "./observed.ts";
import { figuresOf, type SlotCounters, together } from "./slot-figures.ts";
import { beyondLimits, type Limits } from "./traffic-limits.ts";

/** What a gateway has counted for one slot from one time to another, in milliseconds since the epoch. */
export interface Counted {
  from: number;
  until: number;
  counted: SlotCounters;
}

export const objectiveLimits = {
  /** Milliseconds that are judged together: as few as have enough requests. */
  shortest: 60_000,
  longest: 300_000,
  /** What has missed its objective meets it again below this share of each limit: figures about a limit do not flap. */
  recovery: 0.8,
  /** While it goes on, the numbers are told anew so often. */
  retold: 60_000,
  /** A judgement that nobody has repeated for so long says nothing any more. */
  stale: 180_000,
} as const;

/**
 * Whether what serves answers as its `auto_rollback` says it should, by the newest requests. null: it does, or there have
 * been too few requests to say otherwise; undefined: it cannot be said yet. `counted` oldest first, without a gap.
 */
export function judgeObjective(
  limits: Limits,
  counted: readonly Counted[],
  before: MissedObjective | null,
  now: number,
): MissedObjective | null | undefined {
  const judged = enough(counted, limits.min_requests, now);
  if (!judged) return now - (counted[0]?.from ?? now) < objectiveLimits.longest ? undefined : null;
  const figures = figuresOf(judged.counted);
  const { error_rate_percent: errors, latency_p95_ms: latency } = limits;
  const share = before ? objectiveLimits.recovery : 1;
  const lowered = { ...limits, error_rate_percent: errors && errors * share, latency_p95_ms: latency && latency * share };
  const fault = beyondLimits(figures, lowered, limits);
  if (!fault) return null;
  if (before?.reason === fault.reason && now - Date.parse(before.at) < objectiveLimits.retold) return before;
  const seconds = Math.round((judged.until - judged.from) / 1000);
  const message = `${fault.message} (in ${seconds} s). ${advice[fault.reason]}`;
  return { reason: fault.reason, message, at: new Date(now).toISOString() };
}

const advice: Record<MissedObjective["reason"], string> = {
  ErrorRateTooHigh: "The logs of its instances say why; a rollback brings back the revision before",
  LatencyTooHigh: "More instances (scaling_config) or a larger instance_type may help; a rollback brings back the revision before",
};

/** The newest of them, as few as have enough requests. */
function enough(counted: readonly Counted[], requests: number, now: number): Counted | undefined {
  for (let first = counted.length - 1; first >= 0; first -= 1) {
    const { from } = counted[first] as Counted;
    if (now - from > objectiveLimits.longest) return undefined;
    if (now - from < objectiveLimits.shortest) continue;
    const all = together(counted.slice(first).map((each) => each.counted));
    if (all.requests >= requests) return { from, until: now, counted: all };
  }
  return undefined;
}
