import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { describe, expect, it } from "vitest";
import { fromValues, toValues } from "../../lambdas/runtime/attribute-values.ts";

const item = {
  text: "é \u2028",
  empty: "",
  numbers: [0, -1, 1.5, 1e-7, 1e15, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  flags: [true, false],
  nothing: null,
  nested: { list: [[], [{}], [{ deep: { deeper: [null, "x"] } }]], "a.b": 1, constructor: "name", S: "not a type" },
};

describe("values of DynamoDB", () => {
  it("are what AWS's own library makes of an item, and reads", () => {
    const values = toValues(item);
    expect(values).toEqual(marshall(item, { convertClassInstanceToMap: true }));
    expect(fromValues(values)).toEqual(item);
    expect(fromValues(values)).toEqual(unmarshall(values as Parameters<typeof unmarshall>[0]));
  });

  it("leave out what is undefined, in maps and in lists", () => {
    const given = { absent: undefined, map: { absent: undefined, there: 1 }, list: [1, undefined, 2] };
    expect(toValues(given)).toEqual(marshall(given, { removeUndefinedValues: true }));
    expect(toValues(given)).toEqual({ map: { M: { there: { N: "1" } } }, list: { L: [{ N: "1" }, { N: "2" }] } });
  });

  it("keep a field whatever its name is", () => {
    const given = JSON.parse('{"__proto__":{"is":"a field"}}');
    expect(JSON.stringify(fromValues(toValues(given)))).toBe(JSON.stringify(given));
  });

  it.each([2 ** 53, -1e20, 3.4028234663852886e38, 9.9e125, 1e-130, -2.5e-100])(
    "keep the number %d, which is within DynamoDB's range",
    (value) => {
      expect(fromValues(toValues({ value }))).toEqual({ value });
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e126, -1e300, 1e-131, 1n, new Set(["a"]), Buffer.from("a"), () => 1])(
    "are not made of %o: it would not be read as it was",
    (value) => {
      expect(() => toValues({ value })).toThrow(/keeps? no|given no number/);
    },
  );

  it("that are none of ours are refused by their type", () => {
    expect(() => fromValues({ names: { SS: ["a"] } } as never)).toThrow("SS");
  });
});
