import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { MetricRange } from "../../domain/metrics.ts";
import type { ClientFigures } from "../../lambdas/ports/access-figures.ts";
import { type Installation, installation } from "../doubles/installation.ts";

const minute = 60_000;
const noon = Date.parse("2026-11-21T12:00:00.000Z");
const counts = { requests: 10, server_errors: 1, client_errors: 2, latency_ms: [5, 20.5, 30] as [number, number, number] };
const nothing: ClientFigures = { steps: [], totals: [], first_step: 0, lacks_clients: false };

let system: Installation;
let figures: ClientFigures;
let failure: Error | undefined;
let asked: { uid: string; range: MetricRange }[];
let uid: string;

beforeEach(async () => {
  [figures, failure, asked] = [nothing, undefined, []];
  const byClient = async (of: string, range: MetricRange) => {
    asked.push({ uid: of, range });
    if (failure) throw failure;
    return figures;
  };
  system = installation({ access: { kept_days: 30, byClient } });
  system.clock.time = noon - 30 * minute;
  const predictor = { image: "card:1" };
  const created = await system.member("POST /v1/deployments", {
    body: { group: "fraud", name: "Card scorer", environment: "production", access: "public", predictor, start: false },
  });
  ({ uid } = created.body.deployment);
  (system.record.heads_.get(uid) as Head).access = "private";
  system.clock.time = noon + 15_000;
});

const read = (query: Record<string, string> = {}) =>
  system.viewer("GET /v1/deployments/{id}/metrics", { parameters: { id: "card-scorer" }, query: { by: "client", ...query } });

describe("metrics by client", () => {
  it("are a series for each client, with a point for each step and the whole time as one", async () => {
    figures = {
      ...nothing,
      steps: [
        { client: "bob", step: 60, ...counts },
        { client: "ada", step: 31, ...counts, requests: 4, server_errors: 0 },
      ],
      totals: [
        { client: "bob", ...counts },
        { client: "ada", ...counts, requests: 4, server_errors: 0 },
      ],
    };
    const { status, body } = await read();
    expect(status).toBe(200);
    expect(answers.Metrics.safeParse(body).error).toBeUndefined();
    expect(asked).toEqual([{ uid, range: { from: noon - 60 * minute, until: noon + minute, step: minute } }]);
    expect(body).toMatchObject({ from: "2026-11-21T11:00:00.000Z", to: "2026-11-21T12:01:00.000Z", step_seconds: 60, note: null });
    expect(body.series).toMatchObject([
      { client: "ada", slot: null, revision: null, model: null, reported: [] },
      { client: "bob", slot: null, revision: null, model: null, reported: [] },
    ]);
    const [ada, bob] = body.series;
    expect([ada.points.length, bob.points.length]).toEqual([61, 61]);
    expect(ada.points[31]).toMatchObject({ requests: 4, client_errors: 2, server_errors: 0, success_rate_percent: 100 });
    expect(bob.total).toEqual({
      ...{ at: "2026-11-21T11:00:00.000Z", observed_seconds: 30 * 60 + 15, requests: 10, requests_per_second: 0.006 },
      ...{ server_errors: 1, client_errors: 2, success_rate_percent: 90 },
      ...{ latency_p50_ms: 5, latency_p95_ms: 20.5, latency_p99_ms: 30 },
    });
    expect(body.reported_note).toContain("not of who asks them");
  });

  it("are null before the deployment was there, and null of what is told of requests where there were none", async () => {
    figures = { ...nothing, steps: [{ client: "ada", step: 60, ...counts }], totals: [{ client: "ada", ...counts }] };
    const { points } = (await read()).body.series[0];
    const before = { observed_seconds: 0, requests: null, requests_per_second: null, client_errors: null, server_errors: null };
    expect(points[29]).toMatchObject({ ...before, success_rate_percent: null, latency_p50_ms: null });
    expect(points[30]).toMatchObject({
      observed_seconds: 60,
      requests: 0,
      client_errors: 0,
      success_rate_percent: null,
      latency_p95_ms: null,
    });
    expect(points[60]).toMatchObject({ observed_seconds: 15, requests: 10, requests_per_second: 0.667 });
  });

  it("go no further back than the log is kept, and say nothing of the part of a step before", async () => {
    (system.record.heads_.get(uid) as Head).created_at = "2026-01-01T00:00:00.000Z";
    figures = { ...nothing, totals: [{ client: "ada", ...counts }] };
    const { body } = await read({ from: "40d", step: "86400" });
    expect(body.from).toBe("2026-10-22T00:00:00.000Z");
    const [first, second] = body.series[0].points;
    expect([first.observed_seconds, second.observed_seconds]).toEqual([12 * 3_600 - 15, 86_400]);
  });

  it("say from when on they are told when there are too many", async () => {
    figures = {
      ...nothing,
      steps: [{ client: "ada", step: 40, ...counts }],
      totals: [{ client: "ada", ...counts }],
      first_step: 40,
      lacks_clients: true,
    };
    const { body } = await read();
    expect(body.note).toContain("steps before 2026-11-21T11:40:00.000Z are null");
    expect(body.note).toContain("those who asked least are left out");
    const { points, total } = body.series[0];
    expect([points[39].requests, points[40].requests, total.requests]).toEqual([null, 10, 10]);
    expect(total.observed_seconds).toBe(30 * 60 + 15);
  });

  it("say why there are none", async () => {
    const { body } = await read();
    expect(body).toMatchObject({ series: [], note: expect.stringMatching(/^the deployment has no clients, and no request of a client/) });
    await system.member("POST /v1/deployments/{id}/clients", { parameters: { id: "card-scorer" }, body: { name: "ada" } });
    expect((await read()).body.note).toMatch(/^no request of a client was logged in this time/);
    (system.record.heads_.get(uid) as Head).access = "public";
    expect((await read()).body.note).toMatch(/^the deployment is public: public requests carry no identity/);
    const without = installation();
    const created = await without.member("POST /v1/deployments", {
      body: { group: "fraud", name: "Other", environment: "production", access: "public", predictor: { image: "card:1" }, start: false },
    });
    const parameters = { id: created.body.deployment.id };
    const { body: none } = await without.viewer("GET /v1/deployments/{id}/metrics", { parameters, query: { by: "client" } });
    expect(none).toMatchObject({ series: [], note: expect.stringContaining("requests are not logged: there is no log group") });
  });

  it("are not told when the log cannot be counted, and say when to ask again", async () => {
    failure = new Problem("rate-limited", "busy", { members: { retry_after_seconds: 5 } });
    expect(await read()).toMatchObject({ status: 429, body: { code: "rate-limited" }, headers: { "retry-after": "5" } });
    failure = new Problem("service-unavailable", "slow");
    expect(await read()).toMatchObject({ status: 503, body: { detail: "slow" } });
  });

  it.each([
    [{ from: "15d", step: "60" }, "give a longer step"],
    [{ from: "1h", to: "2h" }, "nothing lies between"],
  ])("%j are refused before anything is counted", async (query, says) => {
    const { status, body } = await read(query as Record<string, string>);
    expect([status, JSON.stringify(body), asked]).toEqual([400, expect.stringContaining(says), []]);
  });

  it("are nobody else's", async () => {
    const { status } = await system.as(["other:admin"])("GET /v1/deployments/{id}/metrics", {
      parameters: { id: "card-scorer" },
      query: { by: "client" },
    });
    expect([status, asked]).toEqual([404, []]);
  });
});
