import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import { routeName } from "../../domain/names.ts";
import { type LogHistory, LogsThrottled } from "../../lambdas/ports/log-history.ts";
import { type ContainerInsights, containerInsights } from "../../local/aws/logs/container-insights.ts";
import { LogStore } from "../../local/aws/logs/store.ts";
import { type Database, openDatabase } from "../../local/storage/database.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { localHistory } from "../doubles/local-history.ts";

let folder: string;
let database: Database;
let store: LogStore;
let insights: ContainerInsights;
let history: LogHistory;
let system: Installation;
let uid: string;
const namespace = "slipway-fraud-production";
const route = "GET /v1/deployments/{id}/logs";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-logs-"));
  database = openDatabase(folder);
  store = new LogStore(database);
  insights = containerInsights(store, "local");
  history = localHistory(store).history;
  system = installation({
    history: {
      begin: (each) => history.begin(each),
      all: (...each) => history.all(...each),
      results: (id) => history.results(id),
      stop: (id) => history.stop(id),
    },
  });
  system.clock.sleep = () => new Promise((resolve) => setImmediate(resolve));
  const created = await system.member("POST /v1/deployments", {
    body: { group: "fraud", name: "Card scorer", environment: "production", access: "public", predictor: { image: "card:1" } },
  });
  ({ uid } = created.body.deployment);
});
afterEach(() => {
  insights.flush();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const begin = () => system.clock.now() - 60_000;
const pod = (suffix: string, revision = 1, id = "card-scorer") => `${routeName({ id, uid })}-p${revision}-1-${suffix}`;
function write(
  line: string,
  { at = 0, nanoseconds = 0, name = pod("aaa-1"), container = "predictor", is_whole = true, inside = namespace } = {},
): void {
  const time = `${new Date(begin() + at).toISOString().slice(0, 23)}${String(nanoseconds).padStart(6, "0")}Z`;
  insights.record({
    ...{ time, stream: "stdout", line, is_whole, namespace: inside, pod: name, pod_uid: name, container, restart_count: 0, labels: {} },
    ...{ node: "node-1", container_id: "containerd://1", image: "card:1", image_id: "sha256:1" },
  });
}
const read = (query: Record<string, string> = {}, headers = {}) => {
  insights.flush();
  return system.viewer(route, { parameters: { id: "card-scorer" }, query: { source: "historical", ...query }, headers });
};
const messages = (answer: Awaited<ReturnType<typeof read>>): string[] =>
  answer.body.items.map(({ message }: { message: string }) => message);

describe("historical logs", () => {
  it("are those of this deployment alone, newest first, with component and revision from the instance's name", async () => {
    write("first", { at: 1 });
    write("second", { at: 2, name: pod("bbb-1", 12) });
    write("copied", { at: 0, container: "storage-initializer" });
    write("another namespace", { inside: "slipway-other-production" });
    write("another deployment", { name: pod("aaa-1", 1, "card-scorer-b") });
    const answer = await read();
    expect(answers.LogPage.safeParse(answer.body).error).toBeUndefined();
    expect(messages(answer)).toEqual(["second", "first", "copied"]);
    expect(answer.body.items[0]).toMatchObject({
      instance: pod("bbb-1", 12),
      component: "predictor",
      revision: 12,
      container_name: "predictor",
    });
    expect(answer.body).toMatchObject({ source: "historical", note: null });
    expect(messages(await read({ container_name: "storage-initializer" }))).toEqual(["copied"]);
    expect((await read({ container_name: "istio-proxy" })).body).toMatchObject({ items: [], note: expect.stringContaining("predictor") });
    expect((await read({ container_name: "transformer" })).body).toMatchObject({ items: [], note: null });
    expect(messages(await read({ instance: pod("bbb-1", 12) }))).toEqual(["second"]);
    expect(messages(await read({ component: "transformer" }))).toEqual([]);
    expect(messages(await read({ serving_name: "card-scorer", sort: "asc" }))).toEqual(["copied", "first", "second"]);
    expect((await read({ serving_name: "another" })).body).toMatchObject({ items: [], note: expect.stringContaining("no revision") });
    expect((await read({ model_version: "7" })).body).toMatchObject({ items: [], note: expect.stringContaining("no revision") });
  });

  it.each(['a "quoted" word', "path/to/x", "back\\slash", "50% | limit 1", ".* (?i) [a-z]+ $", "é ✓", "tab-less `tick`"])(
    "find a line that holds %s",
    async (text) => {
      write(`before ${text} after`);
      write("something else");
      expect(messages(await read({ query: text }))).toEqual([`before ${text} after`]);
      expect(messages(await read({ query: text.toUpperCase() }))).toHaveLength(text === text.toUpperCase() ? 0 : 1);
    },
  );

  it.each(["asc", "desc"])("come in pages that lose and double no line, many in one millisecond too (%s)", async (sort) => {
    const written = Array.from({ length: 60 }, (_, index) => `line ${index}`);
    for (const [index, line] of written.entries()) write(line, { at: Math.floor(index / 11), nanoseconds: index });
    const got: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await read({ tail: "4", sort, ...(cursor && { cursor }) });
      expect(page.status).toBe(200);
      got.push(...messages(page));
      const more: boolean = messages(page).length > 0;
      cursor = more ? page.body.next_cursor : undefined;
    } while (cursor !== undefined);
    expect(got).toEqual(sort === "asc" ? written : written.toReversed());
  });

  it("are followed with sort=asc", async () => {
    write("one");
    const first = await read({ sort: "asc" });
    expect(messages(first)).toEqual(["one"]);
    const cursor = first.body.next_cursor;
    expect(messages(await read({ sort: "asc", cursor }))).toEqual([]);
    write("two", { at: 55_000 });
    system.clock.time += 20_000;
    expect(messages(await read({ sort: "asc", cursor }))).toEqual(["two"]);
  });

  it("join the pieces of a long line", async () => {
    write("x".repeat(16_384), { is_whole: false });
    write("y".repeat(10));
    expect(messages(await read())).toEqual([`${"x".repeat(16_384)}${"y".repeat(10)}`]);
  });

  it("are plain text as well, oldest first", async () => {
    write("one", { at: 1 });
    write("two", { at: 2 });
    expect((await read({}, { accept: "text/plain" })).body).toMatch(/ one\n.* two\n$/);
  });

  it("say that nothing has been collected where there is no log group", async () => {
    database.exec("DELETE FROM log_groups");
    const answer = await read();
    expect(answer).toMatchObject({
      status: 200,
      body: { items: [], note: expect.stringContaining("/aws/containerinsights/local/application") },
    });
    expect(answers.LogPage.safeParse(answer.body).error).toBeUndefined();
  });
});

describe("a search that takes long", () => {
  it("answers 202 with a cursor that goes on waiting for the same search", async () => {
    write("found");
    const asked: string[] = [];
    const real = history;
    let isSlow = true;
    history = {
      ...real,
      begin: (search) => {
        asked.push("begin");
        return real.begin(search);
      },
      results: async (id) => (isSlow ? { state: "running", lines: [] } : real.results(id)),
    };
    system.clock.sleep = async (milliseconds: number) => {
      system.clock.time += milliseconds;
    };
    const early = await read();
    expect(early.status).toBe(202);
    expect(answers.LogSearch.safeParse(early.body).error).toBeUndefined();
    isSlow = false;
    system.clock.sleep = () => new Promise((resolve) => setImmediate(resolve));
    expect(messages(await read({ cursor: early.body.cursor }))).toEqual(["found"]);
    expect(asked).toEqual(["begin"]);
  });

  it.each([
    ["asc", "4"],
    ["desc", "4"],
    ["asc", "60"],
    ["desc", "60"],
  ])("loses and doubles no line, when each one takes longer than an answer is waited for (%s, then %s a page)", async (sort, tail) => {
    const written = Array.from({ length: 60 }, (_, index) => `line ${index}`);
    for (const [index, line] of written.entries()) write(line, { at: Math.floor(index / 11), nanoseconds: index });
    const real = history;
    const told = new Set<string>();
    // Each search is still running when it is asked for the first time, and then all that time.
    history = { ...real, results: async (id) => (told.has(id) ? real.results(id) : { state: "running", lines: [] }) };
    system.clock.sleep = async (milliseconds: number) => {
      system.clock.time += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    };
    const got: string[] = [];
    const cursors: string[] = [];
    let page = await read({ tail: "4", sort });
    for (; page.status === 202 || messages(page).length > 0; page = await read({ tail, sort, cursor: cursors.at(-1) as string })) {
      if (page.status === 202) for (const id of system.logSearches.awaited.keys()) told.add(id);
      else got.push(...messages(page));
      const next = page.body.cursor ?? page.body.next_cursor;
      if (next === undefined) break;
      cursors.push(next);
    }
    expect(got).toEqual(sort === "asc" ? written : written.toReversed());
    expect(system.logSearches.awaited.size).toBe(0);
  });

  it("of a millisecond in which more was written than an answer holds says so", async () => {
    for (let index = 0; index < 5; index += 1) write(`${index}${"x".repeat(1_000_000)}`, { nanoseconds: index });
    write("after", { at: 1 });
    const first = await read({ sort: "asc" });
    expect(first.body.note).toMatch(/more was written than one answer holds: 4 lines/);
    expect(messages(await read({ sort: "asc", cursor: first.body.next_cursor }))).toEqual(["after"]);
  });

  it.each([
    ["stopped", "nobody asked"],
    ["failed", "shorter time"],
  ] as const)("that was %s says what to do", async (state, words) => {
    history = { ...history, results: async () => ({ state, lines: [] }) };
    expect(await read()).toMatchObject({ status: 400, body: { code: "invalid-input", detail: expect.stringContaining(words) } });
  });

  it("is refused with the time to wait when CloudWatch Logs is busy", async () => {
    history = { ...history, begin: () => Promise.reject(new LogsThrottled("LimitExceededException")) };
    const answer = await read();
    expect(answer).toMatchObject({ status: 429, headers: { "retry-after": "5" }, body: { code: "rate-limited" } });
  });
});

describe("what is refused", () => {
  it.each([
    ["a search of what was not kept", { source: "transient", query: "x" }, "query"],
    ["the run before, of all runs", { previous: "true" }, "previous"],
    ["a text of two lines", { query: "a\nb" }, "query"],
    ["an empty text", { query: "" }, "query"],
    ["a cursor of none", { cursor: Buffer.from("[1]").toString("base64url") }, "cursor"],
  ])("%s", async (_what, query, path) => {
    const answer = await read(query as unknown as Record<string, string>);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid-input", errors: [{ path }] } });
  });

  it.each([
    { from: "now" },
    { until: null },
    { moment: 0.5 },
    { search: null },
    { search: "abc" },
    { search: { id: "a b", limit: 5 } },
    { search: { id: "abc" } },
  ])("a cursor that was changed to %o", async (change) => {
    const [hash, state] = JSON.parse(Buffer.from((await read({ sort: "asc" })).body.next_cursor, "base64url").toString());
    const cursor = Buffer.from(JSON.stringify([hash, { ...state, ...change }])).toString("base64url");
    expect(await read({ sort: "asc", cursor })).toMatchObject({ status: 400, body: { errors: [{ path: "cursor" }] } });
  });

  it("an instance of somebody else", async () => {
    expect(await read({ instance: "other-abc123-p1-1-x" })).toMatchObject({ status: 404, body: { code: "not-found" } });
  });
});
