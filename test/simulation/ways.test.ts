import { expect, it } from "vitest";
import { machines } from "./executions.ts";
import { waysIn } from "./footsteps.ts";
import { allPaths, told } from "./grid.ts";
import { runPath } from "./run.ts";

it("every way out of every state of every state machine is gone by some path, which ends as it should", async () => {
  const gone = new Set<string>();
  const violations: string[] = [];
  for (const path of await allPaths()) {
    const outcome = await runPath(path, []);
    if (outcome.violations.length > 0) violations.push(told({ path: path.name, faults: [], outcome }));
    for (const way of outcome.ways) gone.add(way);
  }
  const ways = machines.flatMap(({ name, definition }) => waysIn(name, definition));
  expect(ways.filter((way) => !gone.has(way))).toEqual([]);
  expect([...gone].filter((way) => !ways.includes(way))).toEqual([]);
  expect(violations).toEqual([]);
});
