import { beforeEach, expect, it } from "vitest";
import { raiseAlerts } from "../../lambdas/metrics/raise-alerts.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { aReading, begin, counters, minute } from "../doubles/readings.ts";

let system: Installation;
let uid: string;
let epoch: number;
let warned: string[];

/** Of a deployment that serves since the beginning. */
async function serve(specification: object): Promise<void> {
  system.clock.time = begin - 60 * minute;
  const { body } = await system.member("POST /v1/deployments", {
    body: { group: "fraud", name: "Card", environment: "production", access: "public", predictor: { image: "card:1" }, ...specification },
  });
  ({ uid } = body.deployment);
  const head = await system.record.head(uid);
  ({ epoch } = head as { epoch: number });
  await system.end({ id: body.operation.id, uid, epoch });
}
const monitored = {
  enable_monitoring: true,
  rollout: { auto_rollback: { error_rate_percent: 1, latency_p95_ms: 250, min_requests: 50 } },
};

beforeEach(() => {
  [system, warned] = [installation(), []];
});

const known = () => new Map();
async function look(minutes: number): Promise<void> {
  system.clock.time = begin + minutes * minute;
  const log = { warn: (message: string) => void warned.push(message) };
  await raiseAlerts(["local"], { record: system.record, store: system.metrics, known: known(), clock: system.clock, log });
}
const read = (minutes: number, requests: number, errors: number, over = {}) =>
  system.metrics.keep([
    { uid, reading: aReading(minutes, { one: counters(requests, errors) }, { made_at: begin - 60 * minute, epoch, ...over }) },
  ]);
const alerts = async () => (await system.record.head(uid))?.alerts?.map(({ name }) => name) ?? [];
const told = async () => {
  const { items } = await system.record.events(uid, { limit: 100 });
  return items.filter(({ type }) => type.startsWith("Alert")).map(({ type, after }) => `${type} ${after?.alert}`);
};

it("tells by the last five minutes when objectives are missed, and when they are kept again, once each", async () => {
  await serve(monitored);
  await read(0, 0, 0);
  await read(1, 100, 50);
  for (const minutes of [1, 1.5, 2]) await look(minutes);
  expect([await alerts(), await told()]).toEqual([["ErrorRateTooHigh"], ["Alert Raised ErrorRateTooHigh"]]);
  await read(6, 300, 50);
  await look(6.5);
  expect([await alerts(), await told()]).toEqual([[], ["Alert Resolved ErrorRateTooHigh", "Alert Raised ErrorRateTooHigh"]]);
  expect(warned).toEqual([]);
});

it("holds a new revision to what it does itself", async () => {
  await serve(monitored);
  await read(0, 0, 0, { revision: 0, epoch: epoch - 1 });
  await read(1, 100, 100, { revision: 0, epoch: epoch - 1 });
  await look(1.5);
  expect(await told()).toEqual([]);
});

it("leaves a deployment alone that nobody asked to have monitored", async () => {
  await serve({ enable_monitoring: false });
  await read(0, 0, 0);
  await read(1, 100, 100);
  await look(1.5);
  expect(await told()).toEqual([]);
});

it("leaves the version as it was: nobody's change is refused by an alert", async () => {
  await serve(monitored);
  const before = (await system.record.head(uid))?.version;
  await read(0, 0, 0);
  await read(1, 100, 100);
  await look(1.5);
  expect(await alerts()).toEqual(["ErrorRateTooHigh"]);
  expect((await system.record.head(uid))?.version).toBe(before);
});
