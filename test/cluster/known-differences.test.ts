import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { asLine, knownDifferences } from "./support/known-differences.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/local-cluster.md"), "utf8");

test("docs/local-cluster.md lists what is known to differ, and nothing else", () => {
  const section = page.split("## Known differences\n")[1]?.split("\n## ")[0] ?? "";
  const listed = section.split("\n").filter((line) => line.startsWith("- "));
  expect(listed).toEqual(knownDifferences.map(asLine));
});

test("the list does not grow by itself: a seventh needs a decision in docs/adr", () => {
  expect(knownDifferences.length).toBeLessThanOrEqual(6);
});
