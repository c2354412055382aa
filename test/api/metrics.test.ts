import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import type { MetricSeries } from "../../lambdas/operations/read-metrics.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { aReading, begin, counters, minute } from "../doubles/readings.ts";

const route = "GET /v1/deployments/{id}/metrics";
let system: Installation;
let uid: string;

beforeEach(async () => {
  system = installation();
  const predictor = { image: "card:1" };
  const created = await system.member("POST /v1/deployments", {
    body: { group: "fraud", name: "Card scorer", environment: "production", access: "public", predictor, start: false },
  });
  ({ uid } = created.body.deployment);
  system.clock.time = begin + 60 * minute;
});

const read = (query: Record<string, string> = {}) => system.viewer(route, { parameters: { id: "card-scorer" }, query });
const keep = (minutes: number, requests: number, over = {}) =>
  system.metrics.keep(uid, aReading(minutes, { one: counters(requests) }, over));

describe("metrics of a deployment", () => {
  it("are those of the last hour, minute by minute, when nothing else is asked for", async () => {
    await keep(1, 10);
    await keep(2, 30);
    const { status, body } = await read();
    expect(answers.Metrics.safeParse(body).error).toBeUndefined();
    expect(status).toBe(200);
    expect(body).toMatchObject({ from: "2026-11-21T09:00:00.000Z", to: "2026-11-21T10:00:00.000Z", step_seconds: 60, note: null });
    expect(body.series).toHaveLength(1);
    expect(body.series[0].points).toHaveLength(60);
    expect(body.series[0].total).toMatchObject({ requests: 30, observed_seconds: 120 });
  });

  it("take a time and a step, and begin at whole steps", async () => {
    await keep(1, 10);
    await keep(2, 30);
    const { body } = await read({ from: "2026-11-21T09:01:30Z", to: "2026-11-21T09:04:00Z", step: "120" });
    expect(body).toMatchObject({ from: "2026-11-21T09:00:00.000Z", to: "2026-11-21T09:04:00.000Z", step_seconds: 120 });
    expect(body.series[0].points.map(({ requests }: { requests: number }) => requests)).toEqual([30, null]);
    expect((await read({ from: "15d" })).body.series[0].points.length).toBeLessThanOrEqual(121);
  });

  it("are parted by slot, revision or model version", async () => {
    await keep(1, 10);
    await keep(1, 7, { slot: "green", revision: 2, epoch: 2 });
    const parts = async (by: string) =>
      (await read({ by })).body.series.map(({ slot, revision, model }: MetricSeries) => ({ slot, revision, model }));
    expect(await parts("slot")).toEqual([
      { slot: "blue", revision: null, model: null },
      { slot: "green", revision: null, model: null },
    ]);
    expect(await parts("revision")).toEqual([
      { slot: null, revision: 1, model: null },
      { slot: null, revision: 2, model: null },
    ]);
    const [model] = (await read({ by: "model_version" })).body.series;
    expect([model.model, model.total.requests]).toEqual([null, 17]);
  });

  it("say why there are none, and take nothing for success", async () => {
    const { body } = await read();
    expect(body.note).toContain("the gateway of this cluster tells no figures");
    expect(body.series[0].total).toMatchObject({ requests: null, success_rate_percent: null });
  });

  it.each([
    [{ by: "client" }, "by: client is not built yet"],
    [{ by: "clown" }, "client"],
    [{ step: "90" }, "whole minutes"],
    [{ step: "30" }, "from 60 to 86400"],
    [{ from: "15d", step: "60" }, "give a longer step"],
    [{ from: "1h", to: "2h" }, "nothing lies between"],
  ])("%j is refused in words", async (query, says) => {
    const { status, body } = await read(query as Record<string, string>);
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining(says)]);
  });

  it("are nobody else's", async () => {
    const { status } = await system.as(["other:admin"])(route, { parameters: { id: "card-scorer" } });
    expect(status).toBe(404);
  });
});
