import { describe, expect, test } from "vitest";
import type { Operation } from "../../domain/operation.ts";
import { servedTimes } from "../../domain/serving.ts";

const minute = (n: number) => `2026-11-21T09:${String(n).padStart(2, "0")}:00.000Z`;
/** A step of a minute's length that ends then. */
const step = (name: string, end: number) => ({
  ...{ name, outcome: "SUCCEEDED" as const, detail: null },
  started_at: minute(end - 1),
  ended_at: minute(end),
});
type Ended = Parameters<typeof servedTimes>[0][number];
const ended = (revision: number, end: number, over: Partial<Ended> = {}): Ended => ({
  ...{ revision, slot: "blue", outcome: "SUCCEEDED", weights: { blue: 100 }, steps: [], ended_at: minute(end) },
  ...over,
});
const all = (operations: Ended[]) => Object.fromEntries(servedTimes(operations));

describe("a revision has served", () => {
  test("from its last move, not from the end of what followed on it", () => {
    const steps: Operation["steps"] = [step("ShiftTraffic", 3), step("Bake", 4), step("ShiftTraffic", 5), step("Bake", 9)];
    const update = ended(2, 9, { slot: "green", weights: { blue: 0, green: 100 }, steps });
    expect(all([ended(1, 1), update])).toEqual({ 1: [{ from: minute(1), to: minute(5) }], 2: [{ from: minute(5), to: null }] });
  });

  test("on, when an update has failed, was rolled back or aborted", () => {
    const outcomes = ["FAILED", "ROLLED_BACK", "CANCELLED"] as const;
    const updates = outcomes.map((outcome, index) =>
      ended(index + 2, index + 2, { outcome, slot: "green", weights: { blue: 100 }, steps: [step("ShiftTraffic", 2)] }),
    );
    expect(all([ended(1, 1), ...updates])).toEqual({ 1: [{ from: minute(1), to: null }] });
  });

  test("until its route was taken away", () => {
    const stop = ended(1, 9, { slot: null, weights: {}, steps: [step("TakeRouteAway", 5), step("RetireSlot", 9)] });
    expect(all([ended(1, 1), stop])).toEqual({ 1: [{ from: minute(1), to: minute(5) }] });
  });

  test("for no less than no time, when the clocks of two steps differ", () => {
    const start = ended(1, 3, { steps: [step("ShiftTraffic", 3)] });
    const stop = ended(1, 4, { slot: null, weights: {}, steps: [step("TakeRouteAway", 2)] });
    expect(all([start, stop])).toEqual({ 1: [{ from: minute(3), to: minute(3) }] });
  });

  test("on, when a stop was aborted before that", () => {
    const stop = ended(1, 9, { outcome: "CANCELLED", slot: null, steps: [step("TakeRouteAway", 9)] });
    expect(all([ended(1, 1), stop])).toEqual({ 1: [{ from: minute(1), to: null }] });
  });

  test("with the gap that stop-and-start leaves, of another revision and of its own", () => {
    const steps = [step("TakeRouteAway", 4), step("ShiftTraffic", 7)];
    const green = { slot: "green", weights: { green: 100 }, steps } as const;
    expect(all([ended(1, 1), ended(2, 8, { ...green, steps })])).toEqual({
      1: [{ from: minute(1), to: minute(4) }],
      2: [{ from: minute(7), to: null }],
    });
    expect(all([ended(1, 1), ended(1, 8, { ...green, steps })])).toEqual({
      1: [
        { from: minute(7), to: null },
        { from: minute(1), to: minute(4) },
      ],
    });
  });

  test("until nothing was left of it, when stop-and-start has failed", () => {
    const failed = ended(2, 8, { outcome: "FAILED", slot: "green", weights: {}, steps: [step("TakeRouteAway", 4)] });
    expect(all([ended(1, 1), failed])).toEqual({ 1: [{ from: minute(1), to: minute(4) }] });
  });

  test("nothing yet, by what is under way", () => {
    expect(all([ended(1, 1, { outcome: null, ended_at: null })])).toEqual({});
  });
});
