import type { ReportedKind, ReportedReading, ReportedSample } from "../../domain/reported-values.ts";
import type { Component, SlotName } from "../../domain/words.ts";
import type { MetricsStore, OfDeployment } from "../ports/metrics-store.ts";
import { keepMinutes, type Minute, minutesBetween, type NewMinute } from "./dynamodb-minutes.ts";
import type { Table } from "./dynamodb-query.ts";
import { shortName } from "./short-name.ts";

/** One item for each component, slot and minute, in a partition of its own: alerts read gateways' counters alone. */
export function reportedReadings(table: Table): Pick<MetricsStore, "keepReported" | "reportedBetween"> {
  return {
    keepReported: (readings) => keepMinutes(table, readings.map(minuteOf)),
    async reportedBetween(uid, from, until) {
      return (await minutesBetween(table, partitionOf(uid), from, until)).map(readingOf);
    },
  };
}

function minuteOf({ uid, reading }: OfDeployment<ReportedReading>): NewMinute {
  const { at, slot, component, revision, epoch, instances, problem } = reading;
  const fields = { revision, epoch, told: packed(instances), ...(problem && { problem }) };
  return { pk: partitionOf(uid), at, rest: `${slot}#${component}`, fields };
}

const partitionOf = (uid: string): string => `${uid}#REPORTED`;

/** What is told of, once, and by instance when it was made and its numbers, in the same order; null for what it does not tell. */
type Packed = [series: [string, ReportedKind, Record<string, string>][], instances: Record<string, [number, ...(number[] | null)[]]>];

function packed(instances: ReportedReading["instances"]): string {
  const all = Object.values(instances).flatMap(({ samples }) => samples);
  const series = new Map(all.map(({ name, kind, labels }) => [keyOf({ name, kind, labels }), [name, kind, labels] as Packed[0][number]]));
  const numbers = Object.entries(instances).map(([instance, { made_at, samples }]) => {
    const own = new Map(samples.map((sample) => [keyOf(sample), sample.numbers]));
    return [shortName(instance), [made_at, ...[...series.keys()].map((key) => own.get(key) ?? null)]];
  });
  return JSON.stringify([[...series.values()], Object.fromEntries(numbers)]);
}

const keyOf = ({ name, kind, labels }: Omit<ReportedSample, "numbers">): string =>
  JSON.stringify([name, kind, Object.entries(labels).sort()]);

function readingOf({ at, rest: [slot, component], item }: Minute): ReportedReading {
  const { revision, epoch, told, problem = null } = item as unknown as Omit<ReportedReading, "instances"> & { told: string };
  const [series, byInstance] = JSON.parse(told) as Packed;
  const instances = Object.entries(byInstance).map(([instance, [made_at, ...numbers]]) => {
    const samples = series.flatMap(([name, kind, labels], index) => {
      const own = numbers[index];
      return own ? [{ name, kind, labels, numbers: own }] : [];
    });
    return [instance, { made_at, samples }] as const;
  });
  return {
    ...{ at, slot: slot as SlotName, component: component as Component, revision, epoch, problem },
    instances: Object.fromEntries(instances),
  };
}
