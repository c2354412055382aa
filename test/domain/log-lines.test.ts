import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactTime, plainText } from "../../domain/log-line.ts";
import { mergeByTime } from "../../domain/log-merge.ts";

describe("the time of a line", () => {
  it.each([
    ["2026-11-21T09:12:03.000000001Z", "2026-11-21T09:12:03.000000001Z"],
    ["2026-11-21T09:12:03Z", "2026-11-21T09:12:03.000000000Z"],
    ["2026-11-21T09:12:03.12Z", "2026-11-21T09:12:03.120000000Z"],
    ["2026-11-21T09:12:03.1234567891Z", "2026-11-21T09:12:03.123456789Z"],
    ["2026-11-21T10:12:03.5+01:00", "2026-11-21T09:12:03.500000000Z"],
  ])("%s is %s", (written, exact) => {
    expect(exactTime(written)).toBe(exact);
  });

  it.each(["", "unable to retrieve container logs", "2026-11-21", "x2026-11-21T09:12:03.000000001Z", "2026-11-21T09:12:03.000000001Zx"])(
    "%j is none",
    (text) => {
      expect(exactTime(text)).toBeUndefined();
    },
  );
});

describe("a line for a terminal", () => {
  it.each([
    ["\u001b[31m red\u001b[0m", " red"],
    ["\u001b]0;title\u0007after", "after"],
    ["over\rwritten\u0008\u009b", "overwritten"],
    ["two\u2028lines", "twolines"],
  ])("%j drives none", (written, shown) => {
    expect(plainText(written)).toBe(shown);
  });

  it("stays as it was where nothing in it could", () => {
    const harmless = fc.string({ unit: fc.constantFrom("a", "\t", "é", "模", "[0m", "]0;", "😀") });
    fc.assert(
      fc.property(harmless, (text) => {
        expect(plainText(text)).toBe(text);
      }),
    );
  });
});

describe("lines of several runs", () => {
  const line = (time: string, message: string) => ({ time, message });

  it("are in the order of time, and of equal times in that of the runs", () => {
    const one = { lines: [line("1", "a"), line("3", "b")] };
    const other = { lines: [line("1", "c"), line("2", "d")] };
    expect(mergeByTime([one, other]).map(({ message }) => message)).toEqual(["a", "c", "d", "b"]);
  });

  it("of one run stay in its own order, where its clock was set back too", () => {
    const alone = { lines: [line("3", "a"), line("1", "b")] };
    expect(mergeByTime([alone])).toEqual(alone.lines);
    expect(mergeByTime([])).toEqual([]);
  });
});
