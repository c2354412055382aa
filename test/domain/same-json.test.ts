import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameJson } from "../../domain/same-json.ts";

describe("equal as JSON", () => {
  it("does not look at the order of fields, nor at fields without a value", () => {
    expect(sameJson({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1, e: undefined })).toBe(true);
  });
  it("agrees with what JSON says", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
        expect(sameJson(a, JSON.parse(JSON.stringify(a)))).toBe(true);
        if (JSON.stringify(a) === JSON.stringify(b)) expect(sameJson(a, b)).toBe(true);
        if (typeof a !== typeof b || Array.isArray(a) !== Array.isArray(b)) expect(sameJson(a, b)).toBe(false);
      }),
    );
  });
  it.each([
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: 1 }, { a: 1, b: null }],
    [[], {}],
    [{ toString: 1 }, {}],
  ])("%j is not %j", (a, b) => expect(sameJson(a, b)).toBe(false));
});
