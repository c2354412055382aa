import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startEngine } from "../../../local/aws/dynamodb/engine.ts";
import { indexStreamLog } from "../../../local/aws/dynamodb/stream-log.ts";
import { ChildRegister } from "../../../local/storage/child-register.ts";

/** What the engine asks of its file at each write, at each look for new records and for what there is. */
const questions = [
  "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?1",
  "WHERE table_name = ?1 AND shard_id = ?2 AND CAST(sequence_number AS INTEGER) > ?3",
  "SELECT MIN(sequence_number), MAX(sequence_number) FROM _stream_records WHERE table_name = ?1 AND shard_id = ?2",
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-stream-log-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("is looked up by an index wherever the engine would look through all of it", async () => {
  const engine = await startEngine(folder, new ChildRegister(folder), "");
  await engine.stop();
  const database = new DatabaseSync(join(folder, "dynamodb.db"));
  try {
    const plans = questions.map((question) => {
      const asked = question.startsWith("SELECT") ? question : `SELECT event_name FROM _stream_records ${question}`;
      return database
        .prepare(`EXPLAIN QUERY PLAN ${asked}`)
        .all()
        .map(({ detail }) => detail);
    });
    expect(plans).toEqual([
      ["SEARCH _stream_records USING COVERING INDEX slipway_stream_order (table_name=?)"],
      ["SEARCH _stream_records USING INDEX slipway_stream_order (table_name=? AND <expr>>?)"],
      ["SEARCH _stream_records USING COVERING INDEX slipway_stream_range (table_name=? AND shard_id=?)"],
    ]);
  } finally {
    database.close();
  }
});

it("is asked these questions by the engine that comes with the dependencies", () => {
  const binary = readFileSync(join(dirname(createRequire(import.meta.url).resolve("@dynoxide/linux-x64/package.json")), "dynoxide"));
  for (const question of questions) expect(binary.includes(question), question).toBe(true);
});

it("is not indexed in a file that has none", () => {
  new DatabaseSync(join(folder, "other.db")).close();
  expect(() => indexStreamLog(join(folder, "other.db"))).toThrow("_stream_records");
});
