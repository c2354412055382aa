import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cloudwatchAccessFigures, stepsQuery, totalsQuery } from "../../lambdas/adapters/cloudwatch-access-figures.ts";
import type { AwsCall } from "../../lambdas/runtime/aws-json.ts";
import { systemClock } from "../../lambdas/runtime/surroundings.ts";
import { type Database, openDatabase } from "../../local/storage/database.ts";
import { accessLog, accessLogGroup } from "../doubles/access-log.ts";
import { TestClock } from "../doubles/test-clock.ts";

const uid = "01JABCDEFGHJKMNPQRST000001";
const begin = Date.parse("2026-11-21T09:00:00.000Z");
const range = { from: begin, until: begin + 600_000, step: 60_000 };
const place = { group: accessLogGroup, kept_days: 30 };

describe("the queries", () => {
  it("count what clients of a deployment asked, by step and in total, in documented words", () => {
    const counts =
      "stats count(*) as requests, sum(is_error) as errors, sum(is_server_error) as server_errors, pct(latency, 50) as p50, pct(latency, 95) as p95, pct(latency, 99) as p99 by client";
    const both = [
      'filter deployment = "01JABCDEFGHJKMNPQRST000001"',
      'filter ispresent(client) and client != "-"',
      "filter toMillis(@timestamp) >= 1795251600000 and toMillis(@timestamp) < 1795252200000",
      "fields least(1, greatest(0, floor(status / 100) - 3)) as is_error, least(1, greatest(0, floor(status / 100) - 4)) as is_server_error",
    ];
    const step = "fields floor((toMillis(@timestamp) - 1795251600000) / 60000) as step";
    expect(stepsQuery(uid, range)).toBe([...both, step, `${counts}, step`, "sort step desc", "limit 10000"].join("\n| "));
    expect(totalsQuery(uid, range)).toBe([...both, counts, "sort requests desc", "limit 10000"].join("\n| "));
  });

  it.each(['01JABCDEFGHJKMNPQRST00000" or 1=1', "", "01JABCDEFGHJKMNPQRST00000I", `${uid}\n| limit 1`])("take %j for no uid", (odd) => {
    expect(() => stepsQuery(odd, range)).toThrow("no uid");
  });
});

describe("on the local CloudWatch Logs", () => {
  let folder: string;
  let database: Database;
  let log: ReturnType<typeof accessLog>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-access-figures-"));
    database = openDatabase(folder);
    log = accessLog(database);
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const count = (over = range) => cloudwatchAccessFigures(log.call, systemClock, place).byClient(uid, over);

  it("are counted by client and step, and by client over the whole time", async () => {
    const latencies = Array.from({ length: 100 }, (_, index) => ({ latency: String(index + 1) }));
    log.write(begin, uid, "ada", latencies);
    log.write(begin + 59_999, uid, "ada", [{ status: "400" }]);
    log.write(begin + 60_000, uid, "ada", [
      { status: "499" },
      { status: "500", latency: "-" },
      { status: "599" },
      { status: "302" },
      { status: "101" },
    ]);
    log.write(begin + 599_999, uid, "bob", [{ status: "404" }]);
    expect(await count()).toEqual({
      steps: [
        { client: "bob", step: 9, requests: 1, server_errors: 0, client_errors: 1, latency_ms: [10, 10, 10] },
        { client: "ada", step: 1, requests: 5, server_errors: 2, client_errors: 1, latency_ms: [10, 10, 10] },
        { client: "ada", step: 0, requests: 101, server_errors: 0, client_errors: 1, latency_ms: [50, 95, 99] },
      ],
      totals: [
        { client: "ada", requests: 106, server_errors: 2, client_errors: 2, latency_ms: [48, 95, 99] },
        { client: "bob", requests: 1, server_errors: 0, client_errors: 1, latency_ms: [10, 10, 10] },
      ],
      first_step: 0,
      lacks_clients: false,
    });
  });

  it("leave out other deployments, other times, who has no identity, and lines of another form", async () => {
    log.write(begin, "01JABCDEFGHJKMNPQRST000002", "ada", [{}]);
    log.write(begin - 1, uid, "ada", [{}]);
    log.write(range.until, uid, "ada", [{}]);
    log.write(begin, uid, "-", [{ status: "401" }]);
    log.write(begin, "-", "-", [{}]);
    log.store.append(accessLogGroup, "api-live", [
      { timestamp: begin, message: `{"deployment":"${uid}","status":"200"}` },
      { timestamp: begin, message: "no JSON at all" },
    ]);
    // A caller chooses its path.
    log.write(begin, "-", "-", [{ path: `/x","deployment":"${uid}","client":"eve` }]);
    expect(await count()).toMatchObject({ steps: [], totals: [] });
  });

  it("tell which steps are whole when there are more rows than an answer may have", async () => {
    const clients = Array.from({ length: 100 }, (_, index) => `c${index}`);
    for (let step = 0; step < 101; step += 1) for (const client of clients) log.write(begin + step * 60_000, uid, client, [{}]);
    const { steps, totals, first_step } = await count({ from: begin, until: begin + 101 * 60_000, step: 60_000 });
    expect([steps.length, totals.length, first_step]).toEqual([10_000, 100, 2]);
    expect(new Set(steps.filter(({ step }) => step === 2).map(({ client }) => client)).size).toBe(100);
  });

  it("are none where there is no log group", async () => {
    const figures = cloudwatchAccessFigures(log.call, systemClock, { ...place, group: "elsewhere" });
    await expect(figures.byClient(uid, range)).rejects.toMatchObject({ name: "NoAccessLog", message: "there is no log group elsewhere" });
  });
});

describe("a service that does not do as it should", () => {
  const failing = (name: string, message = "because") => Promise.reject(Object.assign(new Error(message), { name }));
  /** What was asked, each with the id of its query. */
  let asked: string[];
  beforeEach(() => {
    asked = [];
  });
  const answering =
    (over: Record<string, (number: number) => unknown>): AwsCall =>
    async (action, input) => {
      const id = (input as { queryId?: string }).queryId;
      asked.push(id === undefined ? action : `${action} ${id}`);
      const number = asked.filter((each) => each.startsWith(action)).length;
      const usual: typeof over = { StartQuery: () => ({ queryId: String(number) }), StopQuery: () => ({ success: true }) };
      return (over[action] ?? usual[action])?.(number) as never;
    };
  const complete = { status: "Complete", results: [] };
  const ask = (call: AwsCall, clock = new TestClock()) => cloudwatchAccessFigures(call, clock, place).byClient(uid, range);

  it("is waited for with growing pauses", async () => {
    const clock = new TestClock();
    const pauses: number[] = [];
    let last = clock.time;
    clock.whileSleeping = async () => {
      pauses.push(clock.time - last);
      last = clock.time;
    };
    await ask(answering({ GetQueryResults: (number) => (number < 20 ? { status: "Running", results: [] } : complete) }), clock);
    expect(clock.time - new TestClock().time).toBeLessThan(20_000);
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(pauses[0] as number);
    expect(asked.filter((each) => each.startsWith("StopQuery"))).toEqual([]);
  });

  it("is not waited for longer than the function may, and both queries are stopped", async () => {
    const clock = new TestClock();
    const slow = ask(answering({ GetQueryResults: () => ({ status: "Running", results: [] }) }), clock);
    await expect(slow).rejects.toMatchObject({
      code: "service-unavailable",
      message: expect.stringContaining("did not finish the query in 20 s"),
    });
    expect(clock.time - new TestClock().time).toBeLessThanOrEqual(20_000);
    expect(asked.filter((each) => each.startsWith("StopQuery")).sort()).toEqual(["StopQuery 1", "StopQuery 2"]);
  });

  it.each(["Failed", "Timeout", "Cancelled"])("says that it has ended a query as %s", async (status) => {
    await expect(ask(answering({ GetQueryResults: () => ({ status }) }))).rejects.toMatchObject({
      code: "service-unavailable",
      message: expect.stringContaining(status),
    });
  });

  it.each(["ThrottlingException", "LimitExceededException"])("is busy by %s: the query that it has begun is stopped", async (name) => {
    const call = answering({
      StartQuery: (number) => (number === 1 ? { queryId: "1" } : failing(name)),
      GetQueryResults: () => ({ status: "Running", results: [] }),
    });
    await expect(ask(call)).rejects.toMatchObject({ code: "rate-limited", message: expect.stringContaining(`${name}: because`) });
    expect(asked).toContain("StopQuery 1");
  });

  it("says what else went wrong, also when the query cannot be stopped", async () => {
    const call = answering({
      GetQueryResults: () => failing("AccessDeniedException", "not allowed"),
      StopQuery: () => failing("AccessDeniedException"),
    });
    await expect(ask(call)).rejects.toThrow("not allowed");
  });

  it("has nothing of a time before the log group was made", async () => {
    const message =
      "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings";
    expect(await ask(answering({ StartQuery: () => failing("MalformedQueryException", message) }))).toMatchObject({
      steps: [],
      totals: [],
    });
    await expect(ask(answering({ StartQuery: () => failing("MalformedQueryException", "unexpected symbol") }))).rejects.toThrow(
      "unexpected symbol",
    );
  });

  it("may write numbers in any form", async () => {
    const row = { client: "ada", step: "3.0", requests: "1.2E1", errors: "5", server_errors: "2.0", p50: "10.5", p99: "1E2" };
    const results = [Object.entries(row).map(([field, value]) => ({ field, value }))];
    const { steps } = await ask(answering({ GetQueryResults: () => ({ status: "Complete", results }) }));
    expect(steps).toEqual([{ client: "ada", step: 3, requests: 12, server_errors: 2, client_errors: 3, latency_ms: [10.5, null, 100] }]);
  });
});
