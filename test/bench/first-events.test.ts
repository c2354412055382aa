import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { firstEvents } from "../../bench/first-events/table.ts";

const entries = readdirSync(join(import.meta.dirname, "../../lambdas/entry")).filter((name) => name.endsWith(".ts"));
const kebab = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();

it("has every function measured with a first event of its own", () => {
  const measured = Object.keys(firstEvents).map((name) => `${kebab(name)}.ts`);
  expect(measured.toSorted()).toEqual(entries.toSorted());
});
