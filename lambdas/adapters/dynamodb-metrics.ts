import { createHash } from "node:crypto";
import type { KeptReading } from "../../domain/metrics.ts";
import type { SlotCounters, SlotReading } from "../../domain/slot-figures.ts";
import type { SlotName } from "../../domain/words.ts";
import { keptDays, type MetricsStore } from "../ports/metrics-store.ts";
import type { Item } from "./dynamodb-items.ts";
import type { Table } from "./dynamodb-query.ts";

/**
 * One item for each slot and minute, in a table of its own: readings are written each minute and need neither the record's
 * stream nor its backups. An item of a gateway with three replicas and twenty buckets is below a kilobyte.
 */
export function dynamoMetrics({ client, name }: Table): MetricsStore {
  return {
    async keep(uid, { at, slot, revision, epoch, made_at, counters }) {
      const Item = { pk: uid, sk: sortKey(at, slot), at, revision, epoch, made_at, counters: packed(counters) };
      await client.put({ TableName: name, Item: { ...Item, expires_at: Math.floor(at / 1000) + keptDays * 86_400 } });
    },
    async between(uid, from, until) {
      const readings: KeptReading[] = [];
      let next: Item | undefined;
      do {
        const answer = await client.query({
          TableName: name,
          KeyConditionExpression: "pk = :uid AND sk BETWEEN :from AND :until",
          ExpressionAttributeValues: { ":uid": uid, ":from": minuteOf(from), ":until": `${minuteOf(until)}~` },
          ExclusiveStartKey: next,
        });
        readings.push(...(answer.Items ?? []).map((item) => readingOf(item as Item)));
        next = answer.LastEvaluatedKey;
      } while (next !== undefined);
      return readings.filter(({ at }) => at >= from && at <= until).sort((one, other) => one.at - other.at);
    },
  };
}

/** Two readings of one minute are one: counters only grow, so the later one says more. */
const sortKey = (at: number, slot: SlotName): string => `${minuteOf(at)}#${slot}`;
const minuteOf = (at: number): string => new Date(at).toISOString().slice(0, 16);

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

/** Names of replicas and targets are long, and only have to be told apart. */
const shortName = (replica: string): string => createHash("sha256").update(replica).digest("base64url").slice(0, 8);

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

function readingOf(item: Item): KeptReading {
  const { at, revision, epoch, made_at, counters, sk } = item as { sk: string; counters: string } & Omit<KeptReading, "counters" | "slot">;
  return { at, slot: sk.split("#")[1] as SlotName, revision, epoch, made_at, counters: unpacked(counters) };
}
