import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { cleanUp } from "./machine-runner.ts";
import { expected, runThrough } from "./mortal-runner.ts";

afterEach(cleanUp);

describe("killed at any commit and started again", () => {
  test("an undisturbed run gives the expected output", async () => {
    const { outcome } = await runThrough([]);
    expect(outcome).toMatchObject({ status: "SUCCEEDED", output: expected });
  });

  test("every single point: same output, same transitions, a gapless history", async () => {
    const undisturbed = await runThrough([]);
    for (let point = 0; point < undisturbed.commits; point++) {
      const { outcome } = await runThrough([point]);
      expect(outcome, `killed at commit ${point}`).toMatchObject({
        status: "SUCCEEDED",
        output: expected,
        transitions: undisturbed.outcome.transitions,
      });
      expect(outcome.history.map((event) => event.id)).toEqual(outcome.history.map((_, index) => index + 1));
      expect(outcome.milliseconds).toBe(undisturbed.outcome.milliseconds);
      const entered = (events: string[]) => events.filter((type) => /^(Pass|Choice|Wait|Task|Map|Parallel)StateEntered$/.test(type)).length;
      expect(entered(outcome.events)).toBe(entered(undisturbed.outcome.events));
    }
  }, 120_000);

  test("any sequence of deaths", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 3, max: 40 }), { minLength: 1, maxLength: 6 }), async (deaths) => {
        const { outcome } = await runThrough(deaths);
        expect(outcome).toMatchObject({ status: "SUCCEEDED", output: expected });
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});
