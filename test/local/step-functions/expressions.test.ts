import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../local/step-functions/definition.ts";
import { EvaluationError, evaluate } from "../../../local/step-functions/expressions.ts";

const now = Date.UTC(2026, 4, 6, 7, 8, 9);
const value = (body: string, variables: Record<string, Json> = {}, input: Json = {}) =>
  evaluate(`{% ${body} %}`, "Output", { states: { input }, variables }, { now, random: () => 0.25 });

describe("functions that Step Functions adds", () => {
  test.each<[string, Json]>([
    ["$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]],
    ["$partition([1,2], 5)", [[1, 2]]],
    ["$range(1, 9, 2)", [1, 3, 5, 7, 9]],
    ["$range(0, 10, 3)", [0, 3, 6, 9]],
    ["$range(5, 1, -2)", [5, 3, 1]],
    ["$range(1, 9, 9)", 1],
    ["$sum($range(1, 4, 1))", 10],
    ["$hash('content', 'SHA-256')", createHash("sha256").update("content").digest("hex")],
    ["$hash('content', 'MD5')", createHash("md5").update("content").digest("hex")],
    ["$length($uuid())", 36],
    ["$random()", 0.25],
    ["$random(7) = $random(7)", true],
    ["$random(7) = $random(8)", false],
    ["$random(7) >= 0 and $random(7) < 1", true],
    ["$parse('{\"a\":[1]}').a[0]", 1],
    ["$now()", "2026-05-06T07:08:09.000Z"],
    ["$now('[Y]-[M01]')", "2026-05"],
    ["$millis()", now],
  ])("%s", async (body, expected) => {
    expect(await value(body)).toEqual(expected);
  });

  test.each([
    "$partition([1], 0)",
    "$range(1, 2, 0)",
    "$range('a', 2, 1)",
    "$hash('a', 'SHA-3')",
    "$parse('{')",
    "$random('seed')",
    "$eval('1')",
    "$partition($none, 2)",
  ])("%s is an error", async (body) => {
    await expect(value(body)).rejects.toThrow(EvaluationError);
  });
});

test("a variable named like a property of objects is a variable", async () => {
  expect(await value("$constructor & $toString", { constructor: "a", toString: "b" })).toBe("ab");
});

test("what an expression binds is gone with it", async () => {
  expect(await value("($leak := 1; $leak)")).toBe(1);
  await expect(value("$leak")).rejects.toThrow("returned nothing");
  await expect(value("($states := 1; $now := 2; $x := 3; $states.input)")).rejects.toThrow();
  expect(await value("$exists($states.input) and $exists($now())")).toBe(true);
});

test("data is not changed by an expression that looks at it", async () => {
  const list: Json[] = [[1], [2]];
  const before = structuredClone(list);
  await value("($list[0][]; $append($list, 3); $list ~> |$|{'x':1}|; $list.$)", { list });
  expect(list).toEqual(before);
  expect(Object.keys(list)).toEqual(["0", "1"]);
});

test("evaluations at once do not see each other", async () => {
  const many = await Promise.all(
    Array.from({ length: 50 }, (_, n) => value("($x := $n * 2; $map([1..3], function($i) { $i + $x }))", { n })),
  );
  expect(many).toEqual(Array.from({ length: 50 }, (_, n) => [1 + 2 * n, 2 + 2 * n, 3 + 2 * n]));
});

test("an expression without end is stopped", async () => {
  await expect(value("($f := function($n) { 1 + $f($n + 1) }; $f(0))")).rejects.toThrow(EvaluationError);
});
