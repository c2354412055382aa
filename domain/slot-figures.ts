/** Cumulative counters of one replica of a gateway's data plane, for one slot's Service. They start over when it does. */
export interface SlotCounters {
  requests: number;
  /** Answers with a status from 400 to 499: the caller's own. */
  client_errors: number;
  /** Answers with a status of 500 or more. */
  errors: number;
  /** Requests that took at most so many milliseconds, by rising limit; the last limit is Infinity. */
  latency: { at_most_ms: number; requests: number }[];
}

/** By replica: two readings tell what happened between them. */
export type SlotReading = Record<string, SlotCounters>;

export interface SlotFigures {
  requests: number;
  error_rate_percent: number;
  /** Interpolated within its bucket; null without requests. */
  latency_p95_ms: number | null;
}

/** What happened between two readings, over all replicas, as `countedBetween` has it. */
export function figuresBetween(before: SlotReading, after: SlotReading): SlotFigures {
  return figuresOf(countedBetween(before, after));
}

export function figuresOf({ requests, errors, latency }: SlotCounters): SlotFigures {
  return {
    requests,
    error_rate_percent: requests === 0 ? 0 : (errors / requests) * 100,
    latency_p95_ms: quantile(0.95, latency),
  };
}

/** What was counted between two readings, over all replicas. A replica that is new, or started over, counts from zero. */
export function countedBetween(before: SlotReading, after: SlotReading): SlotCounters {
  return together(Object.entries(after).map(([replica, counters]) => change(before[replica], counters)));
}

/** Replicas of one gateway have the same limits. */
export function together(all: SlotCounters[]): SlotCounters {
  return {
    requests: sum(all.map(({ requests }) => requests)),
    client_errors: sum(all.map(({ client_errors }) => client_errors)),
    errors: sum(all.map(({ errors }) => errors)),
    latency: merged(all.map(({ latency }) => latency)),
  };
}

function change(before: SlotCounters | undefined, after: SlotCounters): SlotCounters {
  if (!before || after.requests < before.requests) return after;
  const known = new Map(before.latency.map(({ at_most_ms, requests }) => [at_most_ms, requests]));
  return {
    requests: after.requests - before.requests,
    client_errors: Math.max(0, after.client_errors - before.client_errors),
    errors: Math.max(0, after.errors - before.errors),
    latency: after.latency.map(({ at_most_ms, requests }) => ({ at_most_ms, requests: requests - (known.get(at_most_ms) ?? 0) })),
  };
}

function merged(all: SlotCounters["latency"][]): SlotCounters["latency"] {
  const requests = new Map<number, number>();
  for (const each of all)
    for (const bucket of each) requests.set(bucket.at_most_ms, (requests.get(bucket.at_most_ms) ?? 0) + bucket.requests);
  return [...requests]
    .map(([at_most_ms, count]) => ({ at_most_ms, requests: count }))
    .sort((one, other) => one.at_most_ms - other.at_most_ms);
}

/** As Prometheus' histogram_quantile does: evenly spread within a bucket, and the highest finite limit beyond the last. */
export function quantile(share: number, buckets: SlotCounters["latency"]): number | null {
  const total = buckets.at(-1)?.requests ?? 0;
  if (total === 0) return null;
  const rank = share * total;
  const index = buckets.findIndex(({ requests }) => requests >= rank);
  const found = buckets[index] as SlotCounters["latency"][number];
  const below = buckets[index - 1] ?? { at_most_ms: 0, requests: 0 };
  if (found.at_most_ms === Number.POSITIVE_INFINITY) return below.at_most_ms;
  const within = (rank - below.requests) / Math.max(1, found.requests - below.requests);
  return below.at_most_ms + (found.at_most_ms - below.at_most_ms) * within;
}

const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0);
