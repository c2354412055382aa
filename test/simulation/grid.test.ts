import { describe, expect, it } from "vitest";
import { cellsOf, runCell, told } from "./grid.ts";
import { paths } from "./paths.ts";

const crashed = paths.filter(({ name }) => name === "START" || name === "UPDATE all at once");

describe.each(crashed)("$name", (path) => {
  it("comes to an end that is right, whichever side effect its executor dies after", async () => {
    const cells = await cellsOf(path, ["crash after"]);
    const failures = [];
    for (const { faults } of cells) {
      const outcome = await runCell({ path, faults });
      if (outcome.violations.length > 0) failures.push(told({ path: path.name, faults, outcome }));
    }
    expect(failures).toEqual([]);
    expect(cells.length).toBeGreaterThan(20);
  });
});
