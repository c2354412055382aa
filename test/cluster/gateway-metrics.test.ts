import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Head, SlotRecord } from "../../domain/deployment.ts";
import { figuresBetween, type SlotReading } from "../../domain/slot-figures.ts";
import { gatewayMetrics } from "../../lambdas/adapters/gateway-metrics.ts";
import { adapterOf } from "./support/adapter.ts";
import { Product } from "./support/product.ts";
import { cluster, isLocal } from "./target.ts";

const rollout = { drain_seconds: isLocal ? 1 : 10, warm_seconds: 600, deadline_seconds: 300 };
const predictor = (tag: string) => ({ image: cluster.images.server, env: [{ name: "TAG", value: tag }] });

/** Asked as Bake asks, whose own judgement on them is in bench/switch. */
describe.skipIf(!cluster.gatewayMetrics || !cluster.gatewayUrl)("what the gateway has counted", () => {
  const product = new Product();
  const metrics = gatewayMetrics(async () => adapterOf("judge").cluster);
  let head: Head;
  beforeAll(async () => {
    expect(await product.start({ predictor: predictor("first"), rollout })).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    await product.adopt();
    head = await product.head();
  });
  afterAll(() => product.end());

  const slotOf = (role: SlotRecord["role"]) => Object.values(head.slots).find((slot) => slot?.role === role) as SlotRecord;
  const read = async (role: SlotRecord["role"]): Promise<SlotReading> => (await metrics.read(head, slotOf(role))) as SlotReading;
  const ask = async (path: string, times: number) => {
    for (let each = 0; each < times; each++) await (await product.call(path)).arrayBuffer();
  };

  test("is each request to the slot, and each answer that is an error", async () => {
    await ask("/", 1);
    const before = await read("active");
    await ask("/", 20);
    await ask("/status?code=404", 3);
    await ask("/status?code=500", 4);
    await ask("/status?code=503", 1);
    const between = async () => figuresBetween(before, await read("active"));
    await expect.poll(async () => (await between()).requests).toBe(28);
    const { error_rate_percent, latency_p95_ms } = await between();
    expect(error_rate_percent).toBeCloseTo((5 / 28) * 100);
    expect(latency_p95_ms).toBeGreaterThan(0);
  });

  test("is told apart by slot", async () => {
    expect(await product.update({ predictor: predictor("second") })).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    head = await product.head();
    await ask("/", 1);
    const [warm, active] = [await read("warm"), await read("active")];
    await ask("/status?code=500", 6);
    await expect
      .poll(async () => figuresBetween(active, await read("active")))
      .toMatchObject({
        ...{ requests: 6, error_rate_percent: 100 },
      });
    expect(figuresBetween(warm, await read("warm")).requests).toBe(0);
  });
});
