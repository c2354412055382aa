import { afterAll, beforeAll, expect, it } from "vitest";
import { dynamoMetrics } from "../../lambdas/adapters/dynamodb-metrics.ts";
import type { MetricsStore } from "../../lambdas/ports/metrics-store.ts";
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
  await store.keep(uid, later);
  await store.keep(uid, aReading(1, {}, green));
  const [first, second] = await store.between(uid, begin, begin + 5 * minute);
  expect(first).toEqual(aReading(1, {}, green));
  expect(second).toEqual({ ...later, counters: expect.anything() });
  expect(values(second?.counters ?? {})).toEqual(values(later.counters));
});

it("gives those of the time alone, and of the deployment", async () => {
  await store.keep(uid, aReading(60, {}));
  await store.keep(uid, aReading(61, {}));
  await store.keep("01KAEXAMPLE0000000FZZ13Q01", aReading(60, {}));
  const found = await store.between(uid, begin + 60 * minute, begin + 61 * minute - 1);
  expect(found.map(({ at }) => at)).toEqual([begin + 60 * minute]);
});

it("keeps one reading of a minute, the later one", async () => {
  await store.keep(uid, aReading(90, { one: counters(1) }));
  await store.keep(uid, aReading(90.5, { one: counters(2) }));
  const found = await store.between(uid, begin + 90 * minute, begin + 91 * minute);
  expect(found.map(({ counters: all }) => values(all))).toEqual([[counters(2)]]);
});

it("gives a day of minutes, and takes one unit to write each", async () => {
  const other = "01KAEXAMPLE0000000FZZ13Q02";
  const limits = [
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
  ];
  const latency = [...limits, Number.POSITIVE_INFINITY].map((at_most_ms) => ({ at_most_ms, requests: 123_456_789 }));
  const busy = { requests: 123_456_789, client_errors: 123_456, errors: 123_456, latency };
  server.consumed();
  for (let each = 0; each < 1440; each += 1) await store.keep(other, aReading(each, { one: busy, two: busy, three: busy }));
  expect(server.consumed().write).toBe(1440);
  expect(await store.between(other, begin, begin + 1440 * minute)).toHaveLength(1440);
});
