import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { createBody } from "../../contract/create.ts";
import { beyondLimits, jsonLimits } from "../../contract/json-limits.ts";
import { parse } from "../../contract/parse.ts";
import { strict } from "../../contract/strict.ts";
import { patchBody } from "../../contract/update.ts";
import { Problem } from "../../domain/errors.ts";
import { errorsOf, leastBody, problemOf } from "./bodies.ts";

const shape = strict({
  a: z.string().check(z.maxLength(200), z.regex(/^[a-z]*$/, "lower case")),
  b: z.optional(strict({ c: z.int() })),
});

describe("parsing", () => {
  it("says where, what and what was given", () => {
    const problem = problemOf(() => parse(shape, { a: "A", b: { c: "1" } }, "body"));
    expect(problem.code).toBe("invalid-input");
    expect(problem.errors).toEqual([
      { path: "a", message: "lower case", given: "A" },
      { path: "b.c", message: expect.stringContaining("received string"), given: "1" },
    ]);
    expect(problem.message).toBe('The body is not valid. a: lower case (given "A"); b.c: expected number, received string (given "1")');
  });

  it("cuts what was given short", () => {
    expect(errorsOf(() => parse(shape, { a: "A".repeat(150) }, "body"))[0]?.given).toBe(`${"A".repeat(80)}…`);
    expect(errorsOf(() => parse(shape, { a: Array(9) }, "body"))[0]?.given).toBe("an array of 9");
    expect(errorsOf(() => parse(shape, { a: { deep: 1 } }, "body"))[0]?.given).toBe("an object");
  });

  it("gives the first errors in the detail and counts the rest", () => {
    const schema = z.strictObject(Object.fromEntries(["a", "b", "c", "d", "e"].map((field) => [field, z.string()])));
    expect(problemOf(() => parse(schema, {}, "query")).message).toBe(
      "The query is not valid. a: missing: expected string; b: missing: expected string; c: missing: expected string; and 2 more",
    );
  });

  it("answers shortly, however much is wrong", () => {
    const body = Object.fromEntries(Array.from({ length: 9000 }, (_, index) => [`field${index}`, 1]));
    const many = problemOf(() => parse(shape, { a: "a", ...body }, "body"));
    expect(many.errors).toHaveLength(50);
    expect(many.message).toContain("and 8997 more");
    const long = problemOf(() => parse(shape, { a: "a", ["k".repeat(100_000)]: 1 }, "body"));
    expect(JSON.stringify([long.message, long.errors]).length).toBeLessThan(1000);
  });

  it("answers every JSON value with a result or a Problem", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const body of [value, { ...leastBody, predictor: value }, { ...leastBody, smoke_tests: [value] }]) {
          try {
            parse(createBody, body, "body");
          } catch (error) {
            expect(error).toBeInstanceOf(Problem);
          }
        }
      }),
    );
  });
});

describe("limits of any body", () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

  it("end where they say", () => {
    expect(beyondLimits(nested(jsonLimits.depth))).toBeUndefined();
    expect(beyondLimits(nested(jsonLimits.depth + 1))).toMatchObject({ message: expect.stringContaining("deeper") });
    expect(beyondLimits(Array(jsonLimits.values - 1).fill(0))).toBeUndefined();
    expect(beyondLimits(Array(jsonLimits.values).fill(0))).toMatchObject({ message: expect.stringContaining("values") });
  });

  it("refuse keys that would change a prototype, at any depth", () => {
    expect(beyondLimits(JSON.parse('{"a": [{"__proto__": {}}]}'))).toMatchObject({ path: "a.0" });
    expect(beyondLimits({ a: { constructor: { name: "Set" } } })).toMatchObject({ path: "a" });
    expect(beyondLimits({ a: { constructor: "Ferrari" } })).toBeUndefined();
    expect(problemOf(() => parse(patchBody, JSON.parse('{"metadata": {"__proto__": "x"}}'), "body")).errors[0]?.path).toBe("metadata");
  });

  it("refuse half of a surrogate pair, which storing would change", () => {
    expect(beyondLimits({ a: "\ud800" })).toMatchObject({ path: "a" });
    expect(beyondLimits({ "\udc00": 1 })).toMatchObject({ path: "" });
    expect(beyondLimits({ a: "😀" })).toBeUndefined();
  });

  it("refuse numbers that storing would change, and an integer that reading has not rounded", () => {
    expect(beyondLimits({ a: [0, -0, 1e-130, -9.9e125, 3.4028234663852886e38, 2 ** 63] })).toBeUndefined();
    for (const number of [1e126, -1e300, Number.POSITIVE_INFINITY, 1e-131, 5e-324, 9007199254740993n])
      expect(beyondLimits({ a: { b: [1, number] } })).toMatchObject({ path: "a.b.1" });
  });

  it("refuse an empty key, which a table does not keep", () => {
    expect(beyondLimits({ a: { "": 1 } })).toMatchObject({ path: "a." });
  });

  it("stand deep nesting without recursion", () => {
    let deep: unknown = 0;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(beyondLimits(deep)).toMatchObject({ message: expect.stringContaining("deeper") });
  });
});
