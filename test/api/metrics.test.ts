import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import type { Head } from "../../domain/deployment.ts";
import type { ReportedReading } from "../../domain/reported-values.ts";
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
  system.metrics.keep([{ uid, reading: aReading(minutes, { one: counters(requests) }, over) }]);

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
      (await read({ by })).body.series.map(({ slot, revision, model, client }: MetricSeries) => {
        expect(client).toBeNull();
        return { slot, revision, model };
      });
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

  it("have what servers told of themselves, by the same parts, and say what is missing of it", async () => {
    const tell = (minutes: number, value: number, over: object = {}) => {
      const reading: ReportedReading = {
        ...{ at: begin + minutes * minute, slot: "blue", component: "predictor", revision: 1, epoch: 1, problem: null },
        instances: { one: { made_at: begin, samples: [{ name: "reward_total", kind: "counter", labels: {}, numbers: [value] }] } },
        ...over,
      };
      return system.metrics.keepReported([{ uid, reading }]);
    };
    await tell(1, 3);
    await tell(1, 5, { slot: "green", revision: 2, epoch: 2 });
    const whole = await read();
    expect(answers.Metrics.safeParse(whole.body).error).toBeUndefined();
    expect(whole.body.series[0].reported).toMatchObject([
      { name: "reward_total", kind: "counter", component: "predictor", total: { value: 8 } },
    ]);
    expect(whole.body.series[0].reported[0].points).toHaveLength(60);
    expect(whole.body.reported_note).toBeNull();
    const { body } = await read({ by: "revision" });
    expect(body.series.map(({ revision, reported, total }: MetricSeries) => [revision, reported[0]?.total.value, total.requests])).toEqual([
      [1, 3, null],
      [2, 5, null],
    ]);
    await tell(2, 3, { instances: {}, problem: "instance one answers 404" });
    expect((await read()).body.reported_note).toBe("instance one answers 404");
  });

  it("say why there are none, and take nothing for success", async () => {
    const { body } = await read();
    expect(body.note).toContain("the gateway of this cluster tells no figures");
    expect(body.series[0].total).toMatchObject({ requests: null, success_rate_percent: null });
    expect(body).toMatchObject({ series: [{ reported: [] }], reported_note: expect.stringContaining("no server of this deployment") });
  });

  it("do not say of what was stopped that it never served: it may have done so between two readings", async () => {
    const head = system.record.heads_.get(uid) as Head;
    head.place.gateway.metrics = { dialect: "traefik", namespace: "traefik", service: "traefik", port: 9100, path: "/metrics" };
    expect((await read()).body.note).toMatch(/^nothing of this deployment serves now, and nothing was read in this time/);
  });

  it.each([
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
