import { afterAll, beforeAll, expect, it } from "vitest";
import type { ReportedReading, ReportedSample } from "../../domain/reported-values.ts";
import { dynamoMetrics } from "../../lambdas/adapters/dynamodb-metrics.ts";
import type { MetricsStore } from "../../lambdas/ports/metrics-store.ts";
import type { DocumentClient } from "../../lambdas/runtime/documents.ts";
import { type DynamoServer, startDynamoServer } from "../doubles/dynamodb-server.ts";
import { aReading, begin, counters, minute } from "../doubles/readings.ts";

let server: DynamoServer;
let store: MetricsStore;
beforeAll(async () => {
  server = await startDynamoServer();
  await server.createTable("metrics");
  store = dynamoMetrics({ client: server.client, name: "metrics" });
});
afterAll(() => server.stop());

const uid = "01KAEXAMPLE0000000FZZ13Q00";
const values = (reading: object): unknown[] => Object.values(reading);

it("gives readings back as they were, in order of time, whatever the replicas are called", async () => {
  const green = { slot: "green", revision: 2, epoch: 7 } as const;
  const later = aReading(2, { "gateway-1 a-long-name@kubernetesgateway": counters(7, 1, 2, 3), "gateway-2 x": counters(4) });
  await store.keep([
    { uid, reading: later },
    { uid, reading: aReading(1, {}, green) },
  ]);
  const [first, second] = await store.between(uid, begin, begin + 5 * minute);
  expect(first).toEqual(aReading(1, {}, green));
  expect(second).toEqual({ ...later, counters: expect.anything() });
  expect(values(second?.counters ?? {})).toEqual(values(later.counters));
});

it("gives those of the time alone, and of the deployment", async () => {
  await store.keep([{ uid, reading: aReading(60, {}) }]);
  await store.keep([{ uid, reading: aReading(61, {}) }]);
  await store.keep([{ uid: "01KAEXAMPLE0000000FZZ13Q01", reading: aReading(60, {}) }]);
  const found = await store.between(uid, begin + 60 * minute, begin + 61 * minute - 1);
  expect(found.map(({ at }) => at)).toEqual([begin + 60 * minute]);
});

it("keeps one reading of a minute, the later one", async () => {
  await store.keep([{ uid, reading: aReading(90, { one: counters(1) }) }]);
  await store.keep([{ uid, reading: aReading(90.5, { one: counters(2) }) }]);
  const found = await store.between(uid, begin + 90 * minute, begin + 91 * minute);
  expect(found.map(({ counters: all }) => values(all))).toEqual([[counters(2)]]);
});

it("keeps one of two readings of a minute that are told together, the later one", async () => {
  const twice = [counters(1), counters(2)].map((one, epoch) => ({ uid, reading: aReading(95, { one }, { epoch }) }));
  await store.keep(twice);
  const found = await store.between(uid, begin + 95 * minute, begin + 96 * minute);
  expect(found.map(({ epoch }) => epoch)).toEqual([1]);
});

it("writes what sixty deployments have counted by three requests", async () => {
  const readings = Array.from({ length: 60 }, (_, index) => ({ uid: `01KAEXAMPLE0000000FZZ14Q${index}`, reading: aReading(1, {}) }));
  server.consumed();
  await store.keep(readings);
  expect(server.consumed().calls).toEqual(["BatchWriteItem", "BatchWriteItem", "BatchWriteItem"]);
  const found = await Promise.all(readings.map((one) => store.between(one.uid, begin, begin + 2 * minute)));
  expect(found.map(({ length }) => length)).toEqual(readings.map(() => 1));
});

it("writes again what the table had no time for", async () => {
  const leftOver: DocumentClient = {
    ...server.client,
    async batchWrite({ RequestItems = {} }) {
      const [first, ...others] = RequestItems.metrics ?? [];
      await server.client.batchWrite({ RequestItems: { metrics: first ? [first] : [] } });
      return others.length > 0 ? { UnprocessedItems: { metrics: others } } : {};
    },
  };
  const uids = ["01KAEXAMPLE0000000FZZ15Q00", "01KAEXAMPLE0000000FZZ15Q01", "01KAEXAMPLE0000000FZZ15Q02"];
  await dynamoMetrics({ client: leftOver, name: "metrics" }).keep(uids.map((one) => ({ uid: one, reading: aReading(1, {}) })));
  for (const one of uids) expect(await store.between(one, begin, begin + 2 * minute)).toHaveLength(1);
});

it("gives a day of minutes, and takes one unit to write each", async () => {
  const other = "01KAEXAMPLE0000000FZZ13Q02";
  const limits = [
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
  ];
  const latency = [...limits, Number.POSITIVE_INFINITY].map((at_most_ms) => ({ at_most_ms, requests: 123_456_789 }));
  const busy = { requests: 123_456_789, client_errors: 123_456, errors: 123_456, latency };
  server.consumed();
  const day = Array.from({ length: 1440 }, (_, each) => aReading(each, { one: busy, two: busy, three: busy }));
  await store.keep(day.map((reading) => ({ uid: other, reading })));
  expect(server.consumed().write).toBe(1440);
  expect(await store.between(other, begin, begin + 1440 * minute)).toHaveLength(1440);
});

it("gives back what servers told, whatever the instances are called, and within four units", async () => {
  const labels = (index: number) => ({ model: "card-fraud", outcome: `outcome-${index}` });
  const samples = (value: number): ReportedSample[] => [
    ...Array.from(
      { length: 18 },
      (_, index): ReportedSample => ({ name: "served_total", kind: "counter", labels: labels(index), numbers: [value] }),
    ),
    { name: "took_seconds", kind: "distribution", labels: {}, numbers: [value / 7, value] },
  ];
  const names = ["card-fraud-000001-p1-1-5d8f7-x2x4z", "card-fraud-000001-p1-1-5d8f7-x2x4y"];
  const instances = Object.fromEntries(names.map((name, index) => [name, { made_at: begin, samples: samples(123_456 + index) }]));
  const first: ReportedReading = {
    ...{ at: begin + minute, slot: "blue", component: "predictor", revision: 3, epoch: 5, instances, problem: null },
  };
  const second: ReportedReading = { ...first, at: begin + 2 * minute, component: "transformer", instances: {}, problem: "nobody answers" };
  server.consumed();
  await store.keepReported([
    { uid, reading: second },
    { uid, reading: first },
  ]);
  expect(server.consumed().write).toBeLessThanOrEqual(4);
  expect(await store.reportedBetween(uid, begin, begin + minute)).toHaveLength(1);
  const found = await store.reportedBetween(uid, begin, begin + 5 * minute);
  expect(found).toEqual([{ ...first, instances: expect.anything() }, second]);
  expect(Object.values(found[0]?.instances ?? {})).toEqual(Object.values(instances));
  expect(await store.between(uid, begin, begin + minute)).not.toContainEqual(expect.objectContaining({ component: "predictor" }));
});
