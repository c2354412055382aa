// cspell:ignore Zxyfooxy Zfooxyxy fghj
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LogStore } from "../../../local/aws/logs/store.ts";
import { type Database, openDatabase } from "../../../local/storage/database.ts";
import { localHistory } from "../../doubles/local-history.ts";

const begin = Date.parse("2026-11-21T09:00:00.000Z");
const seconds = (time: number) => Math.floor(time / 1000);

let folder: string;
let database: Database;
let store: LogStore;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-insights-"));
  database = openDatabase(folder);
  store = new LogStore(database);
  write("/requests", [
    [0, { client: "ada", status: "200", latency: "10", path: "/a", "foo-bar": 1 }],
    [60, { client: "ada", status: "500", latency: "30", path: "/b", nested: { list: [{ deep: "x" }], "a.b": "dotted" } }],
    [61, { client: "bob", status: "404", latency: "-", path: "/a", ok: true }],
    [150, { client: "bob", status: "200", latency: "20.5", path: "/C" }],
    [600, { client: "-", status: "401", latency: "1", path: "/a" }],
  ]);
  store.createGroup("/texts", null);
  store.append("/texts", "one", [
    { timestamp: begin, message: "plain text, no JSON" },
    { timestamp: begin + 1, message: '{"text":"caf\\u00e9 \\"quoted\\"","slash":"a\\/b"}' },
    { timestamp: begin + 2, message: 'he said "no"' },
  ]);
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Lines by seconds after the beginning. */
function write(group: string, lines: [number, object][]): void {
  store.createGroup(group, null);
  store.append(
    group,
    "stage",
    lines.map(([second, line]) => ({ timestamp: begin + second * 1000, message: JSON.stringify(line) })),
  );
}

async function answer(queryString: string, over: object = {}) {
  const { call } = localHistory(store);
  const time = { startTime: seconds(begin), endTime: seconds(begin) + 3_600 };
  const { queryId } = await call<{ queryId: string }>("StartQuery", { logGroupName: "/requests", ...time, queryString, ...over });
  await expect.poll(async () => (await call("GetQueryResults", { queryId })).status, { interval: 5 }).toBe("Complete");
  return call<{ results: { field: string; value: string }[][]; statistics: Record<string, number> }>("GetQueryResults", { queryId });
}
const rows = async (query: string, over: object = {}) =>
  (await answer(query, over)).results.map((row) =>
    Object.fromEntries(row.filter(({ field }) => field !== "@ptr").map(({ field, value }) => [field, value])),
  );

describe("filter", () => {
  const statuses = async (condition: string) =>
    (await rows(`filter ${condition} | sort @timestamp asc | display status`)).map(({ status }) => status).join(" ");
  it.each([
    ['client = "ada"', "200 500"],
    ["client = 'ada'", "200 500"],
    ['client != "ada"', "404 200 401"],
    ['client != "ada" and client != "-"', "404 200"],
    ['client="ada" or client="bob"', "200 500 404 200"],
    ['client = "bob" or client = "ada" and status = 500', "500 404 200"],
    ['(client = "bob" or client = "ada") and status = 500', "500"],
    ['not client = "ada"', "404 200 401"],
    ['not (client = "ada" or status = 401)', "404 200"],
    ["status = 200", "200 200"],
    ["status >= 400", "500 404 401"],
    ["status > 401 and status < 500", "404"],
    ["400 <= status and not status >= 500", "404 401"],
    ['status = "200"', "200 200"],
    ["status in [401, 404]", "404 401"],
    ['client in ["ada", "-"]', "200 500 401"],
    ['client not in ["ada", "-"]', "404 200"],
    ["status like /^4\\d\\d$/", "404 401"],
    ["status =~ /0[14]/", "404 401"],
    ['client like "da"', "200 500"],
    ['client not like "da"', "404 200 401"],
    ["path like /(?i)c/", "200"],
    ["path like /^(?i)\\/c$/", "200"],
    ["path like /c/", ""],
    ['latency = "-"', "404"],
    ["latency > 5", "200 500 200"],
    ["ispresent(ok)", "404"],
    ["isPresent(nested.list.0.deep)", "500"],
    ["nested.list.0.deep = 'x'", "500"],
    ["nested.`a.b` = 'dotted'", "500"],
    ["`foo-bar` = 1", "200"],
    ["ok = true", "404"],
    ["missing = 1", ""],
    ["missing != 1", ""],
    ["constructor like /./", ""],
    ["isempty(ok) and isempty(missing) and status < 300", "200 200"],
    ["latency * 2 + 1 = 21", "200"],
    ["2 ^ 3 = 8 and 10 % 3 = 1 and 7 - 2 - 1 = 4 and -2 ^ 2 = -4 and status = 500", "500"],
    ["toMillis(@timestamp) >= 1795251660000 and toMillis(@timestamp) < 1795251750000", "500 404"],
    ["1795251660000 < toMillis(@timestamp) and @timestamp <= 1795251750000", "404 200"],
    ["strcontains(path, '/c', true)", "200"],
    ['client = "ada" # and status = 500\n', "200 500"],
  ])("%s finds %s", async (condition, found) => {
    expect(await statuses(condition)).toBe(found);
  });

  it("several times is all of them together, also of what fields has made", async () => {
    expect(await statuses('client != "-" | fields floor(status / 100) as kind | filter kind != 2 | filter kind < 5')).toBe("404");
    expect(await statuses('status > 0 | fields "ada" as client | filter client = "ada"')).toBe("200 500 404 200 401");
  });

  it.each([
    ['text like "café"', 1],
    ["text like /quoted/", 1],
    ['text like "\\"quoted\\""', 1],
    ['slash = "a/b"', 1],
    ['@message like "said \\"no\\""', 1],
    ["@message like /text/", 2],
    ["text like /CAFÉ/", 0],
  ])("%s finds what a client wrote in whatever form of JSON, or in none", async (condition, count) => {
    expect(await rows(`filter ${condition}`, { logGroupName: "/texts" })).toHaveLength(count);
  });

  it("takes nothing in a text for a part of the query", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 20 });
    const nasty = fc.constantFrom('"', "'", "\\", "|", "#", "`", " or 1 = 1", "| limit 1", "/*", "\n", "*", "[", "(");
    return fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(text, nasty), { maxLength: 5 }), async (parts) => {
        const quoted = parts.join("").replaceAll(/["\\]/g, "\\$&");
        expect(await statuses(`client = "${quoted}"`)).toBe(parts.join("") === "-" ? "401" : "");
        expect(await statuses(`client != "x${quoted}"`)).toBe("200 500 404 200 401");
      }),
      { numRuns: 40 },
    );
  });
});

describe("fields and display", () => {
  const value = async (expression: string) => (await rows(`filter status = 500 | fields ${expression} as it`))[0]?.it;
  it.each([
    ["abs(0 - 3)", "3"],
    ["ceil(latency / 7)", "5"],
    ["floor(latency / 7)", "4"],
    ["greatest(1, latency, 3)", "30"],
    ["least(1, latency, 3)", "1"],
    ["round(latency / 7, 2)", "4.29"],
    ["sqrt(16)", "4"],
    ["log(1)", "0"],
    ["latency / 0", undefined],
    ["client + 1", undefined],
    ["toMillis(@timestamp)", "1795251660000"],
    ["fromMillis(1795251660000)", "2026-11-21 09:01:00.000"],
    ["bin(5m)", "2026-11-21 09:00:00.000"],
    ["bin(300s)", "2026-11-21 09:01:00.000"],
    ["bin(5days)", "2026-11-18 00:00:00.000"],
    ["bin(1mo)", "2026-11-01 00:00:00.000"],
    ["bin(1q)", "2026-10-01 00:00:00.000"],
    ["datefloor(@timestamp, 1h)", "2026-11-21 09:00:00.000"],
    ["dateceil(@timestamp, 1h)", "2026-11-21 10:00:00.000"],
    ["dateceil(@timestamp, 1m)", "2026-11-21 09:01:00.000"],
    ["dateceil(@timestamp, 1y)", "2027-01-01 00:00:00.000"],
    ["strlen('añb')", "3"],
    ["concat(client, '-', status)", "ada-500"],
    ["toupper(client)", "ADA"],
    ["tolower('ABC')", "abc"],
    ["trim('  a ')", "a"],
    ["ltrim('xyZxyfooxyZ', 'xyZ')", "fooxyZ"],
    ["rtrim('xyZfooxyxyZ', 'xyZ')", "xyZfoo"],
    ["substr('xyZfooxyZ', 3, 3)", "foo"],
    ["replace(path, '/', ':')", ":b"],
    ["strcontains(client, 'da')", "1"],
    ["coalesce(missing, nothing, client)", "ada"],
    ["ispresent(missing)", "0"],
    ["isempty('')", "1"],
    ["if(status >= 500, 'bad', 'good')", "bad"],
    ["@logStream", "stage"],
  ])("%s is %s", async (expression, result) => {
    expect(await value(expression)).toBe(result);
  });

  it("show what they name, by the name that it has or as it was written, and where each event lies", async () => {
    const { results } = await answer("filter status = 500 | fields client, abs(latency - 40), `foo-bar` | fields client as who");
    expect(results[0]?.map(({ field, value: shown }) => [field, shown])).toEqual([
      ["client", "ada"],
      ["abs(latency - 40)", "10"],
      ["who", "ada"],
      ["@ptr", expect.any(String)],
    ]);
    expect(await rows("filter status = 500 | fields client, path | display status | display path")).toEqual([{ path: "/b" }]);
    expect(Object.keys((await rows("limit 1"))[0] ?? {})).toEqual(["@timestamp", "@message"]);
  });
});

describe("stats", () => {
  it.each([
    ["count(*) as n", [{ n: "5" }]],
    ["count() as n, count(ok), count(latency) as l", [{ n: "5", "count(ok)": "1", l: "5" }]],
    ["count_distinct(client)", [{ "count_distinct(client)": "3" }]],
    [
      "sum(latency), avg(latency), min(latency), max(latency)",
      [{ "sum(latency)": "61.5", "avg(latency)": "15.375", "min(latency)": "1", "max(latency)": "30" }],
    ],
    [
      "pct(latency, 50) as p50, pct(latency, 99) as p99, percentile(latency, 0) as least, median(latency) as m",
      [{ p50: "10", p99: "30", least: "1", m: "10" }],
    ],
    ["stddev(status) as d", [{ d: String(Math.sqrt((141 ** 2 * 2 + 159 ** 2 + 63 ** 2 + 60 ** 2) / 5)) }]],
    [
      "earliest(path) as first, latest(path) as last, sortsFirst(path) as a, sortsLast(path) as z",
      [{ first: "/a", last: "/a", a: "/C", z: "/b" }],
    ],
    ["sum(latency) / count(*) as mean, fromMillis(max(@timestamp)) as newest", [{ mean: "12.3", newest: "2026-11-21 09:10:00.000" }]],
    ["sum(ok) as s, pct(missing, 95) as p, count(missing) as c", [{ c: "0" }]],
    [
      "count(*) as n by client | sort n desc, client asc",
      [
        { client: "ada", n: "2" },
        { client: "bob", n: "2" },
        { client: "-", n: "1" },
      ],
    ],
    [
      "count(*) by bin(1m) | sort `bin(1m)` asc",
      [
        { "bin(1m)": "2026-11-21 09:00:00.000", "count(*)": "1" },
        { "bin(1m)": "2026-11-21 09:01:00.000", "count(*)": "2" },
        { "bin(1m)": "2026-11-21 09:02:00.000", "count(*)": "1" },
        { "bin(1m)": "2026-11-21 09:10:00.000", "count(*)": "1" },
      ],
    ],
    [
      "sum(latency) as l by client, floor(status / 100) as kind | filter kind = 2 | sort client",
      [
        { client: "ada", kind: "2", l: "10" },
        { client: "bob", kind: "2", l: "20.5" },
      ],
    ],
    ["count(*) by ok | sort count(*) desc | limit 1", [{ "count(*)": "4" }]],
    ["count(*) as n by client | stats max(n) as most, count(*) as clients", [{ most: "2", clients: "3" }]],
    [
      "count(*) as n by bin(1m) as t | stats sum(n) as n by dateceil(t, 10m) as t | sort t",
      [
        { t: "2026-11-21 09:00:00.000", n: "1" },
        { t: "2026-11-21 09:10:00.000", n: "4" },
      ],
    ],
    ["count(*) as n by client | fields n * 2 as twice | sort twice desc, client desc | limit 1", [{ client: "bob", n: "2", twice: "4" }]],
    ["COUNT(*) AS n BY client | SORT n ASC | LIMIT 1 | DISPLAY n", [{ n: "1" }]],
  ])("%s", async (command, found) => {
    const { results } = await answer(`stats ${command}`);
    expect(results.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value])))).toEqual(found);
  });

  it("of nothing is nothing", async () => {
    expect(await rows('filter client = "nobody" | stats count(*)')).toEqual([]);
  });
});

describe("sort, limit and dedup", () => {
  const order = ["!", "#", "*%04", "0#", "5A", "111A", "2345_", "@", "@_", "A", "A9876fghj", "a12345hfh", "0", "1", "2", "3"];
  beforeAll(() =>
    write(
      "/order",
      order.map((value, index) => [(index * 7) % 16, { value }]),
    ),
  );

  it("sort texts before numbers and the digits in them by their value", async () => {
    const values = async (way: string) =>
      (await rows(`sort value ${way} | display value`, { logGroupName: "/order" })).map(({ value }) => value);
    expect(await values("asc")).toEqual(order);
    expect(await values("desc")).toEqual(order.toReversed());
  });

  it("show the newest first where nothing is said, over several groups", async () => {
    const both = { logGroupName: undefined, logGroupNames: ["/order", "/requests"] };
    const times = (await rows("fields toMillis(@timestamp) as t", both)).map(({ t }) => Number(t));
    expect(times).toHaveLength(21);
    expect(times).toEqual(times.toSorted((one, other) => other - one));
    expect(await rows("fields client | sort @timestamp asc | limit 1", both)).toHaveLength(1);
  });

  it("leave out what is there already, but not what lacks the field", async () => {
    expect(await rows("sort @timestamp asc | display status | dedup client")).toEqual([
      { status: "200" },
      { status: "404" },
      { status: "401" },
    ]);
    expect(await rows("dedup ok")).toHaveLength(5);
    expect(await rows("dedup path, client | limit 3")).toHaveLength(3);
  });
});

describe("what is not understood is refused by its command", () => {
  it.each([
    ["parse @message '* *' as a, b", "parse @message"],
    ["fields client | nonsense 1 | limit 3", "nonsense 1"],
    ["filter client = ", "filter client ="],
    ["filter client == 'a'", "filter client =="],
    ["filter client = 'a", "'a"],
    ["filter like /a/", "filter like /a/"],
    ["filter client like /(/", "filter client like /(/"],
    ["filter count(*) > 1", "filter count(*) > 1"],
    ["fields jsonParse(@message)", "jsonparse"],
    ["fields abs(1, 2)", "abs"],
    ["fields abs(5m)", "abs"],
    ["fields bin(5)", "bin"],
    ["fields bin(5lightyears)", "5lightyears"],
    ["fields __proto__(1)", "__proto__"],
    ["stats client by path", "stats client by path"],
    ["stats pct(latency) by path", "pct(latency)"],
    ["stats pct(latency, 101)", "pct(latency, 101)"],
    ["stats sum()", "sum()"],
    ["stats sum(count(*))", "stats sum(count(*))"],
    ["stats count(*) by count(*)", "stats count(*) by count(*)"],
    ["stats count(*) | stats count(*) | stats count(*)", "at most 2"],
    ["stats count(*) as n | sort n | stats max(n)", "sort and limit"],
    ["stats count(*) as n by client | stats max(latency)", "latency"],
    ["stats count(*) as n by client | stats max(n) by bin(5m)", "@timestamp"],
    ["dedup client | sort client", "only limit"],
    ["limit 0", "limit 0"],
    ["limit 10001", "limit 10001"],
    ["limit 1.5", "limit 1.5"],
    ["filter client = 'a' client = 'b'", "filter client = 'a' client = 'b'"],
    ["fields ;", ";"],
  ])("%s", async (query, named) => {
    await expect(answer(query)).rejects.toMatchObject({ name: "MalformedQueryException", message: expect.stringContaining(named) });
  });
});

describe("a query", () => {
  it.each([
    [{ logGroupName: undefined, logGroupNames: ["/requests"] }, undefined],
    [{ logGroupName: undefined, logGroupIdentifiers: ["/requests"] }, undefined],
    [{ logGroupName: undefined, logGroupIdentifiers: ["arn:aws:logs:us-east-1:000000000000:log-group:/requests"] }, undefined],
    [{ logGroupName: undefined, logGroupIdentifiers: ["arn:aws:logs:us-east-1:000000000000:log-group:/requests:*"] }, undefined],
    [{ logGroupName: undefined }, "InvalidParameterException"],
    [{ logGroupNames: ["/requests"] }, "InvalidParameterException"],
    [{ logGroupName: undefined, logGroupNames: [] }, "InvalidParameterException"],
    [{ logGroupName: "/unknown" }, "ResourceNotFoundException"],
    [{ startTime: 10, endTime: 9 }, "InvalidParameterException"],
    [{ limit: 0 }, "InvalidParameterException"],
  ])("of %j", async (over, error) => {
    const asked = answer("stats count(*) as n", over);
    if (error === undefined) expect((await asked).results).toEqual([[{ field: "n", value: "5" }]]);
    else await expect(asked).rejects.toMatchObject({ name: error });
  });

  it("is of whole seconds, both included, and says how much it looked at", async () => {
    const { results, statistics } = await answer("filter status = 404 | stats count(*) as n", {
      startTime: seconds(begin) + 60,
      endTime: seconds(begin) + 61,
    });
    expect(results).toEqual([[{ field: "n", value: "1" }]]);
    expect(statistics).toMatchObject({ recordsMatched: 1, recordsScanned: 2 });
  });

  it("gives no more rows than it is asked for", async () => {
    expect(await rows("fields status", { limit: 2 })).toHaveLength(2);
    expect(await rows("fields status | limit 1", { limit: 2 })).toHaveLength(1);
  });
});
