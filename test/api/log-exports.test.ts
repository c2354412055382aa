import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import { routeName } from "../../domain/names.ts";
import { writeLogExport } from "../../lambdas/logs/write-log-export.ts";
import { type LogHistory, LogsThrottled } from "../../lambdas/ports/log-history.ts";
import { type ContainerInsights, containerInsights } from "../../local/aws/logs/container-insights.ts";
import { LogStore } from "../../local/aws/logs/store.ts";
import { type Database, openDatabase } from "../../local/storage/database.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { localHistory } from "../doubles/local-history.ts";

let folder: string;
let database: Database;
let insights: ContainerInsights;
let history: LogHistory;
let system: Installation;
let uid: string;
const id = { id: "card-scorer" };
const create = "POST /v1/deployments/{id}/logs/exports";
const get = "GET /v1/deployments/{id}/logs/exports/{export}";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-exports-"));
  database = openDatabase(folder);
  const store = new LogStore(database);
  insights = containerInsights(store, "local");
  history = localHistory(store).history;
  system = installation();
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

function write(line: string, at: number, { name = "card-scorer", container = "predictor" } = {}): void {
  const time = `${new Date(system.clock.now() + at).toISOString().slice(0, 23)}000000Z`;
  insights.record({
    ...{ time, stream: "stdout", line, is_whole: true, namespace: "slipway-fraud-production", container, restart_count: 0, labels: {} },
    ...{ pod: `${routeName({ id: name, uid })}-p1-1-aaa-1`, pod_uid: name, node: "node-1" },
    ...{ container_id: "containerd://1", image: "card:1", image_id: "sha256:1" },
  });
}
const ports = () => ({
  ...{ history, exports: system.logExports, maskSecrets: system.maskSecrets, clock: system.clock },
  log: { warn: () => undefined },
});
async function carryOut(remaining = () => 870_000): Promise<void> {
  const start = system.logExports.started.at(-1);
  if (!start) throw new Error("nothing was started");
  await writeLogExport(start, ports(), remaining);
}

describe("an export", () => {
  it("runs, then has a link that expires, to every line in order of time", async () => {
    for (let index = 0; index < 50; index += 1) write(`line ${index}`, index);
    write("somebody else's", 5, { name: "another" });
    write("\u001b[31m coloured", 60);
    insights.flush();
    system.clock.time += 1_000;
    const begun = await system.viewer(create, { parameters: id, body: {} });
    expect(begun).toMatchObject({ status: 202, body: { status: "RUNNING", url: null } });
    expect(answers.LogExport.safeParse(begun.body).error).toBeUndefined();
    expect(begun.headers.location).toBe(`/v1/deployments/${uid}/logs/exports/${begun.body.id}`);
    await carryOut();
    const ended = await system.viewer(get, { parameters: { ...id, export: begun.body.id } });
    expect(ended).toMatchObject({ status: 200, body: { status: "SUCCEEDED", lines: 51, message: "" } });
    expect(ended.body.url).toContain(begun.body.id);
    expect(answers.LogExport.safeParse(ended.body).error).toBeUndefined();
    const lines = (system.logExports.files.get(`${uid}/${begun.body.id}`) ?? "").trimEnd().split("\n");
    expect(lines.map((line) => line.replace(/^\S+ \S+\/predictor /, ""))).toEqual([
      ...Array.from({ length: 50 }, (_, index) => `line ${index}`),
      " coloured",
    ]);
  });

  it("is one for a request that is repeated under its key, and none for another request under it", async () => {
    const asked = { parameters: id, body: {}, headers: { "idempotency-key": "k-1" } };
    const first = await system.viewer(create, asked);
    const second = await system.viewer(create, asked);
    expect(second.body).toEqual(first.body);
    expect(system.logExports.started).toHaveLength(1);
    const other = await system.viewer(create, { ...asked, body: { component: "predictor" } });
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency-key-reused" } });
  });

  it("takes a container and a time", async () => {
    write("copied", 1, { container: "storage-initializer" });
    write("early", 2);
    write("late", 5_000);
    insights.flush();
    system.clock.time += 10_000;
    const since = new Date(system.clock.now() - 6_000).toISOString();
    await system.viewer(create, { parameters: id, body: { container_name: "predictor", since } });
    await carryOut();
    expect([...system.logExports.files.values()].join("")).toMatch(/^\S+ \S+\/predictor late\n$/);
  });

  it("is an empty file where nothing was collected", async () => {
    database.exec("DELETE FROM log_groups");
    await system.viewer(create, { parameters: id, body: {} });
    await carryOut();
    expect([...system.logExports.states.values()]).toMatchObject([{ status: "SUCCEEDED", lines: 0 }]);
  });

  it.each([
    ["CloudWatch Logs stays busy", () => new LogsThrottled("ThrottlingException"), "ThrottlingException"],
    ["anything else breaks", () => new Error("no such host 10.0.0.1"), "something went wrong on our side"],
  ])("says why it failed when %s, and keeps what is inside to itself", async (_what, fault, words) => {
    history = {
      ...history,
      all: () => {
        throw fault();
      },
    };
    const begun = await system.viewer(create, { parameters: id, body: {} });
    await carryOut();
    const ended = await system.viewer(get, { parameters: { ...id, export: begun.body.id } });
    expect(ended.body).toMatchObject({ status: "FAILED", url: null, message: expect.stringContaining(words) });
    expect(ended.body.message).not.toContain("10.0.0.1");
  });

  it("fails in time when there is too much, and when its function died", async () => {
    write("line", 1);
    insights.flush();
    const begun = await system.viewer(create, { parameters: id, body: {} });
    system.clock.time += 17 * 60_000;
    const asked = { parameters: { ...id, export: begun.body.id } };
    expect((await system.viewer(get, asked)).body).toMatchObject({ status: "FAILED", message: expect.stringContaining("without a word") });
    await carryOut(() => 10_000);
    expect((await system.viewer(get, asked)).body).toMatchObject({ status: "FAILED", message: expect.stringContaining("shorter time") });
  });
});

it("is refused to a stranger, for an export that there is not, and for a time that ends before it begins", async () => {
  expect(await system.stranger(create, { parameters: id, body: {} })).toMatchObject({ status: 404 });
  expect(system.logExports.started).toEqual([]);
  const absent = { ...id, export: "01JABCDEFGHJKMNPQRST000001" };
  expect(await system.viewer(get, { parameters: absent })).toMatchObject({ status: 404, body: { code: "not-found" } });
  const body = { since: "2026-11-21T10:00:00Z", until: "2026-11-21T09:00:00Z" };
  expect(await system.viewer(create, { parameters: id, body })).toMatchObject({ status: 400, body: { code: "invalid-input" } });
});
