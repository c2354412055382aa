import type { KeptReading } from "../../domain/metrics.ts";
import type { SlotCounters, SlotReading } from "../../domain/slot-figures.ts";
import type { SlotName } from "../../domain/words.ts";
import type { MetricsStore, OfDeployment } from "../ports/metrics-store.ts";
import { keepMinutes, type Minute, minutesBetween, type NewMinute } from "./dynamodb-minutes.ts";
import type { Table } from "./dynamodb-query.ts";
import { reportedReadings } from "./dynamodb-reported.ts";
import { shortName } from "./short-name.ts";

/**
 * One item for each slot and minute, in a table of its own: readings are written each minute and need neither the record's
 * stream nor its backups. An item of a gateway with three replicas and twenty buckets is below a kilobyte.
 */
export function dynamoMetrics(table: Table): MetricsStore {
  return {
    // Two readings of one minute are one: counters only grow, so the later one says more.
    keep: (readings) => keepMinutes(table, readings.map(minuteOf)),
    async between(uid, from, until) {
      return (await minutesBetween(table, uid, from, until)).map(readingOf);
    },
    ...reportedReadings(table),
  };
}

function minuteOf({ uid, reading: { at, slot, revision, epoch, made_at, counters } }: OfDeployment<KeptReading>): NewMinute {
  return { pk: uid, at, rest: slot, fields: { revision, epoch, made_at, counters: packed(counters) } };
}

/** Limits of the buckets, in milliseconds and without the endless one, and by replica its counters and buckets. */
type Packed = [limits: number[], replicas: Record<string, number[]>];

/** Text: as numbers of DynamoDB the same would take twice the room. */
function packed(reading: SlotReading): string {
  const limits = [...new Set(Object.values(reading).flatMap(({ latency }) => latency.map(({ at_most_ms }) => at_most_ms)))]
    .filter(Number.isFinite)
    .sort((one, other) => one - other);
  const replicas = Object.entries(reading).map(([replica, counters]) => [shortName(replica), numbersOf(counters, limits)]);
  return JSON.stringify([limits, Object.fromEntries(replicas)] satisfies Packed);
}

function numbersOf({ requests, client_errors, errors, latency }: SlotCounters, limits: number[]): number[] {
  const byLimit = new Map(latency.map((bucket) => [bucket.at_most_ms, bucket.requests]));
  return [requests, client_errors, errors, ...limits.map((limit) => byLimit.get(limit) ?? 0), byLimit.get(Number.POSITIVE_INFINITY) ?? 0];
}

function unpacked(text: string): SlotReading {
  const [limits, replicas] = JSON.parse(text) as Packed;
  const allLimits = [...limits, Number.POSITIVE_INFINITY];
  return Object.fromEntries(
    Object.entries(replicas).map(([replica, [requests = 0, client_errors = 0, errors = 0, ...buckets]]) => {
      const latency = allLimits.map((at_most_ms, index) => ({ at_most_ms, requests: buckets[index] ?? 0 }));
      return [replica, { requests, client_errors, errors, latency }];
    }),
  );
}

function readingOf({ at, rest: [slot], item }: Minute): KeptReading {
  const { revision, epoch, made_at, counters } = item as unknown as { counters: string } & Omit<KeptReading, "counters">;
  return { at, slot: slot as SlotName, revision, epoch, made_at, counters: unpacked(counters) };
}
