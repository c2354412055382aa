import { type MetricRange, newMilliseconds } from "./metrics.ts";
import type { Component, SlotName } from "./words.ts";

/** Where a component's servers tell values of their own, in Prometheus' text format, and which of them are kept. */
export interface ReportedPlace {
  port: number;
  path: string;
  /** Of metrics; of a histogram or summary the name without `_sum`, `_count` and the like. */
  names: readonly string[];
}

/** `distribution`: a histogram or summary, of which the mean is told. */
export type ReportedKind = "counter" | "gauge" | "distribution";

export interface ReportedSample {
  name: string;
  kind: ReportedKind;
  labels: Record<string, string>;
  /** A counter's or gauge's value; of a distribution the sum of what was observed, and how often. */
  numbers: number[];
}

/** What the instances of one component in one slot told at one time. Times in milliseconds since the epoch. */
export interface ReportedReading {
  at: number;
  slot: SlotName;
  revision: number;
  epoch: number;
  component: Component;
  /** By name; `made_at`: before, there was nothing to count. */
  instances: Record<string, { made_at: number; samples: ReportedSample[] }>;
  /** What could not be read or kept, in words; null when all was. */
  problem: string | null;
}

/** Of a counter how much it grew, of a gauge the mean of what instances told, of a distribution the mean of what was observed. */
export interface ReportedPoint {
  /** Beginning of the time, RFC 3339 UTC with milliseconds. */
  at: string;
  /** null where nothing was told, or nothing observed. */
  value: number | null;
  /** Of a distribution: how often something was observed; null for others, and where nothing was told. */
  count: number | null;
}

export interface ReportedSeries {
  name: string;
  kind: ReportedKind;
  component: Component;
  labels: Record<string, string>;
  points: ReportedPoint[];
  total: ReportedPoint;
}

interface Told {
  component: Component;
  sample: Omit<ReportedSample, "numbers">;
  at: number;
  sum: number;
  count: number;
}

/**
 * One series for each metric, component and set of labels, over all slots and instances together. What was counted between
 * two readings belongs to the step in which the later one lies. `readings` may begin before the range, and are in order of time.
 */
export function measureReported(readings: readonly ReportedReading[], { from, until, step }: MetricRange): ReportedSeries[] {
  const bySlot = Object.groupBy(readings, ({ slot, epoch, component }) => `${slot} ${epoch} ${component}`);
  const told = Object.values(bySlot)
    .flatMap((each = []) => toldIn(each))
    .filter(({ at }) => at > from && at <= until);
  const steps = Math.ceil((until - from) / step);
  const bySeries = [...Map.groupBy(told, ({ component, sample }) => seriesKey(component, sample))].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return bySeries.map(([, all]) => {
    const { component, sample } = all[0] as Told;
    const byStep = Map.groupBy(all, ({ at }) => Math.ceil((at - from) / step) - 1);
    const points = Array.from({ length: steps }, (_, index) => pointOf(sample.kind, from + index * step, byStep.get(index) ?? []));
    return { ...sample, component, points, total: pointOf(sample.kind, from, all) };
  });
}

const seriesKey = (component: Component, { name, kind, labels }: Omit<ReportedSample, "numbers">): string =>
  JSON.stringify([name, component, kind, Object.entries(labels).sort()]);

/** Readings of one component in one slot. A server that starts over counts from zero. */
function toldIn(readings: readonly ReportedReading[]): Told[] {
  const known = new Map<string, number[]>();
  return readings.flatMap(({ at, component, instances }) =>
    Object.entries(instances).flatMap(([instance, { made_at, samples }]) =>
      samples.flatMap(({ numbers, ...sample }) => {
        if (sample.kind === "gauge") return [{ component, sample, at, sum: numbers[0] ?? 0, count: 1 }];
        const key = `${instance} ${seriesKey(component, sample)}`;
        const before = known.get(key) ?? (at - made_at <= newMilliseconds ? numbers.map(() => 0) : undefined);
        known.set(key, numbers);
        return before ? [{ component, sample, at, ...changeOf(before, numbers) }] : [];
      }),
    ),
  );
}

/** The last number is one that only grows. */
function changeOf(before: number[], [first = 0, second]: number[]): { sum: number; count: number } {
  const hasStartedOver = (second ?? first) < (before.at(-1) ?? 0);
  const [sum = 0, count = 0] = hasStartedOver ? [] : before;
  return { sum: first - sum, count: (second ?? 1) - (second === undefined ? 0 : count) };
}

function pointOf(kind: ReportedKind, at: number, all: readonly Told[]): ReportedPoint {
  const sum = all.reduce((total, each) => total + each.sum, 0);
  const count = all.reduce((total, each) => total + each.count, 0);
  const isTold = all.length > 0;
  return {
    at: new Date(at).toISOString(),
    value: kind === "counter" ? (isTold ? rounded(sum) : null) : count > 0 ? rounded(sum / count) : null,
    count: kind === "distribution" && isTold ? count : null,
  };
}

/** Seconds of a fast server are small. */
const rounded = (value: number): number => Number(value.toPrecision(9));
