import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { chanceFailures } from "./chance.ts";

const folder = mkdtempSync(join(tmpdir(), "slipway-chance-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function reportOf(files: Record<string, "passed" | "failed">): string {
  const report = join(folder, "report.json");
  const testResults = Object.entries(files).map(([name, status]) => ({ name: `/repository/test/${name}`, status }));
  writeFileSync(report, JSON.stringify({ testResults }));
  return report;
}

const again = (report: string) => chanceFailures(report, 2).map(({ name }) => name);

test("what failed is run once more, and nothing else", () => {
  expect(again(reportOf({ "a.test.ts": "passed", "b.test.ts": "failed" }))).toEqual(["/repository/test/b.test.ts"]);
  expect(again(reportOf({ "a.test.ts": "passed" }))).toEqual([]);
});

test("more failures than can be chance stay failures", () => {
  expect(again(reportOf({ "a.test.ts": "failed", "b.test.ts": "failed", "c.test.ts": "failed" }))).toEqual([]);
});

test("a file that counts lost requests stays a failure, and all with it", () => {
  expect(again(reportOf({ "a.test.ts": "failed", "local/system/switch.test.ts": "failed" }))).toEqual([]);
});

test("a run that did not come so far as to report stays a failure", () => {
  expect(again(join(folder, "none.json"))).toEqual([]);
});
