// cspell:ignore ошибка произошла снова οδος οδός ΟΔΟΣ şöyle ŞÖYLE straße
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { routeName } from "../../../domain/names.ts";
import type { LogSearch } from "../../../lambdas/ports/log-history.ts";
import { type ContainerInsights, containerInsights } from "../../../local/aws/logs/container-insights.ts";
import { LogStore } from "../../../local/aws/logs/store.ts";
import { type Database, openDatabase } from "../../../local/storage/database.ts";
import { localHistory } from "../../doubles/local-history.ts";

const begin = Date.parse("2026-11-21T09:00:00.000Z");
const deployment = { id: "card-scorer", uid: "01KAEXAMPLE0000000FZZ13Q00" };
const pod = `${routeName(deployment)}-p1-1-5d8f7-x2x4z`;

let folder: string;
let database: Database;
let store: LogStore;
let insights: ContainerInsights;
let count: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-log-search-"));
  database = openDatabase(folder);
  store = new LogStore(database);
  insights = containerInsights(store, "local");
  count = 0;
});
afterEach(() => {
  insights.flush();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(line: string, over: object = {}): void {
  const time = new Date(begin + count++).toISOString().replace("Z", "000000Z");
  insights.record({
    ...{ time, stream: "stdout", line, is_whole: true, node: "local", pod, namespace: "models", pod_uid: "u1" },
    ...{ container: "predictor", container_id: "containerd://abc", restart_count: 0, image: "card:1", image_id: "sha256:1", ...over },
  } as Parameters<ContainerInsights["record"]>[0]);
}

/** The messages that a search finds, newest first. */
async function found(over: Partial<LogSearch> = {}): Promise<string[]> {
  insights.flush();
  const { history } = localHistory(store);
  const place = { cluster: "local", namespace: "models", deployment, revisions: null, from: begin, until: begin + 3_600_000 };
  const search = await history.begin({ ...place, order: "desc", limit: 10_000, ...over });
  await expect.poll(async () => (await history.results(search)).state).toBe("complete");
  return (await history.results(search)).lines.map(({ message }) => message);
}

describe("a search finds", () => {
  it.each([
    ['said "no"', 'she said "no" twice'],
    ["a\\b", "path C:\\a\\b"],
    [".*", "pattern .* in the text"],
    ["100%", "took 100% of it"],
    ["under_score", "an under_score here"],
    ["| limit 1", "x | limit 1 | fields @message"],
    ["/(?i)x/", "like /(?i)x/ and more"],
    ["$.log = ", '{ $.log = "x" }'],
    ["café", "the CAFÉ is closed"],
    ["失败", "请求失败了"],
    ["ОШИБКА [5]*", "произошла ошибка [5]* снова"],
    ["ΟΔΟΣ", "η οδος και η οδός"],
    ["ŞÖYLE ?", "şöyle ? mi"],
    ["straße", "die STRAße"],
    ["😀 да", "so 😀 ДА"],
    ['é\\"', 'É\\"'],
    ["\u001b[31m", "\u001b[31m red \u001b[0m"],
    ["UPPER", "upper and Upper"],
  ])("%j as text and nothing else", async (text, line) => {
    for (const other of ["nothing of it", "said no", "path", "100 of it", "under-score", "a cafe"]) write(other);
    write(line);
    expect(await found({ text })).toEqual([line]);
  });

  it("what is in a line of a megabyte, and the line whole", async () => {
    const line = `${"x".repeat(450_000)} needle ${"y".repeat(440_000)}`;
    write(line);
    expect(await found({ text: "NEEDLE" })).toEqual([line]);
  });

  it("what is beside bytes that are no text", async () => {
    const line = Buffer.from([0x6e, 0x00, 0xff, 0xfe, 0x01, 0x7f, 0x6e]).toString("utf8");
    write(`before ${line} after`);
    expect(await found({ text: "after" })).toEqual([`before ${line} after`]);
    expect(await found({ text: "\u0000" })).toEqual([`before ${line} after`]);
  });

  it("lines of this namespace, instance and container alone, whatever others write", async () => {
    write("ours");
    write("another namespace", { namespace: "others" });
    write("another deployment", { pod: "card-scorer-zzzzzz-p1-1-5d8f7-x2x4z" });
    write("another container", { container: "storage-initializer", container_id: "containerd://def" });
    expect(await found()).toEqual(["another container", "ours"]);
    expect(await found({ container_name: "predictor" })).toEqual(["ours"]);
    expect(await found({ instance: `${pod.slice(0, -1)}y` })).toEqual([]);
    // A line may say what its frame says of others.
    expect(await found({ text: "another namespace" })).toEqual([]);
  });

  it("the newest of many, in order, over all the parts that are looked at one after the other", async () => {
    for (let each = 0; each < 45_000; each += 1) write(`line ${each}${each % 9_000 === 0 ? " rare" : ""}`);
    expect(await found({ text: "rare" })).toEqual([36_000, 27_000, 18_000, 9_000, 0].map((each) => `line ${each} rare`));
    expect(await found({ text: "rare", order: "asc", limit: 2 })).toEqual(["line 0 rare", "line 9000 rare"]);
    expect((await found({ limit: 3 })).map((text) => text.split(" ")[1])).toEqual(["44999", "44998", "44997"]);
  });
});

it("stops a search that is told to, which then has no more lines, and refuses to stop one that has ended", async () => {
  for (let each = 0; each < 45_000; each += 1) write(`line ${each}`);
  insights.flush();
  const { history, call } = localHistory(store);
  const place = { cluster: "local", namespace: "models", deployment, revisions: null, from: begin, until: begin + 3_600_000 };
  const queryId = await history.begin({ ...place, order: "desc", limit: 10_000, text: "nowhere" });
  await history.stop(queryId);
  expect(await history.results(queryId)).toEqual({ state: "stopped", lines: [] });
  await expect(call("StopQuery", { queryId })).rejects.toMatchObject({ name: "InvalidParameterException" });
  await history.stop(queryId);
  await expect(call("StopQuery", { queryId: "unknown" })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

it("keeps what all lines of a run have in common once, and gives each line whole", async () => {
  write('{"level":"info"}');
  write("plain");
  insights.flush();
  const group = "/aws/containerinsights/local/application";
  const [first, second] = store.lines({ group, limit: 10 }).map(({ message }) => JSON.parse(message));
  expect(first).toMatchObject({ log: '{"level":"info"}', log_processed: { level: "info" }, kubernetes: { pod_name: pod, host: "local" } });
  expect(second).toMatchObject({ log: "plain", kubernetes: { namespace_name: "models", container_image: "card:1" } });
  expect(JSON.stringify(database.prepare("SELECT message FROM logged_lines").all())).not.toContain("kubernetes");
  expect(store.framedStreams(group)).toHaveLength(1);
});
