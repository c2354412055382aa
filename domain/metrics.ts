import { countedBetween, quantile, type SlotCounters, type SlotReading, together } from "./slot-figures.ts";
import type { SlotName } from "./words.ts";

/** What a gateway had counted for a slot at one time. Times in milliseconds since the epoch. */
export interface KeptReading {
  at: number;
  slot: SlotName;
  revision: number;
  epoch: number;
  /** When the slot's Service was made: before, there was nothing to count. */
  made_at: number;
  counters: SlotReading;
}

/** What was counted in a time. Nothing is said of a time that nobody has observed: zero requests are no success, and none seen are not zero. */
export interface MetricPoint {
  /** Beginning of the time, RFC 3339 UTC with milliseconds. */
  at: string;
  /** How much of it was observed. */
  observed_seconds: number;
  /** null where nothing was observed. */
  requests: number | null;
  requests_per_second: number | null;
  /** Answers with a status of 500 or more, and those from 400 to 499. */
  server_errors: number | null;
  client_errors: number | null;
  /** Of the requests, the share that was answered without an error of the server; null without requests. */
  success_rate_percent: number | null;
  /** Interpolated within the gateway's buckets; null without requests. */
  latency_p50_ms: number | null;
  latency_p95_ms: number | null;
  latency_p99_ms: number | null;
}

export interface MetricRange {
  from: number;
  until: number;
  step: number;
}

/** What was counted from one reading to a later one. */
interface Interval {
  from: number;
  until: number;
  counted: SlotCounters;
}

/** A slot is read each minute: one that is so much older than its first reading was there before anybody read it. */
export const newMilliseconds = 3 * 60_000;

/**
 * One point for each step of the range, over all slots together, and one for the whole range. What was counted between two
 * readings belongs to the step in which the later one lies. `readings` may begin before the range, and are in order of time.
 */
export function measure(readings: readonly KeptReading[], range: MetricRange): { points: MetricPoint[]; total: MetricPoint } {
  const { from, until, step } = range;
  const bySlot = Object.groupBy(readings, ({ slot, revision, epoch }) => `${slot} ${revision} ${epoch}`);
  const inRange = Object.values(bySlot)
    .flatMap((each = []) => intervals(each))
    .filter((interval) => interval.until > from && interval.until <= until);
  const byStep = Map.groupBy(inRange, (interval) => Math.ceil((interval.until - from) / step) - 1);
  const steps = Math.ceil((until - from) / step);
  return {
    points: Array.from({ length: steps }, (_, index) => pointOf(from + index * step, byStep.get(index) ?? [])),
    total: pointOf(from, inRange),
  };
}

/** Readings of one slot. A replica of the gateway that was not read for a while goes on from where it was. */
function intervals(readings: readonly KeptReading[]): Interval[] {
  const known: SlotReading = {};
  let last: KeptReading | undefined;
  return readings.flatMap((reading) => {
    const begins = last?.at ?? (reading.at - reading.made_at <= newMilliseconds ? reading.made_at : undefined);
    const counted = countedBetween(known, reading.counters);
    Object.assign(known, reading.counters);
    last = reading;
    if (begins === undefined || begins >= reading.at) return [];
    return [{ from: begins, until: reading.at, counted }];
  });
}

function pointOf(at: number, all: readonly Interval[]): MetricPoint {
  const { requests, client_errors, errors, latency } = together(all.map(({ counted }) => counted));
  return metricPoint(at, lengthOf(all) / 1000, {
    ...{ requests, client_errors, server_errors: errors },
    latency_ms: [0.5, 0.95, 0.99].map((share) => quantile(share, latency)) as Counts["latency_ms"],
  });
}

/** What was counted, whoever has counted it. */
export interface Counts {
  requests: number;
  server_errors: number;
  client_errors: number;
  /** Of 50, 95 and 99 of a hundred requests; null where it is not known. */
  latency_ms: [number | null, number | null, number | null];
}

export function metricPoint(
  at: number,
  observedSeconds: number,
  { requests, server_errors, client_errors, latency_ms }: Counts,
): MetricPoint {
  const isObserved = observedSeconds > 0;
  const [p50, p95, p99] = requests === 0 ? [null, null, null] : latency_ms;
  return {
    at: new Date(at).toISOString(),
    observed_seconds: Math.round(observedSeconds),
    requests: isObserved ? requests : null,
    requests_per_second: isObserved ? rounded(requests / observedSeconds) : null,
    server_errors: isObserved ? server_errors : null,
    client_errors: isObserved ? client_errors : null,
    success_rate_percent: requests === 0 ? null : rounded(100 - (server_errors / requests) * 100),
    latency_p50_ms: rounded(p50),
    latency_p95_ms: rounded(p95),
    latency_p99_ms: rounded(p99),
  };
}

/** Two slots that were observed at once were observed once. */
function lengthOf(all: readonly Interval[]): number {
  let [length, end] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, until } of all.toSorted((one, other) => one.from - other.from)) {
    length += Math.max(0, until - Math.max(from, end));
    end = Math.max(end, until);
  }
  return length;
}

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value * 1000) / 1000);
