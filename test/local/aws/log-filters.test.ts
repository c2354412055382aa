import { expect, it } from "vitest";
import { filterPattern } from "../../../local/aws/logs/filter-pattern.ts";

const lines = ["[ERROR 400] BAD REQUEST", "[ERROR 419] MISSING ARGUMENTS", "[INFO] REQUEST FAILED", "café 12"];

it.each([
  ["", lines],
  ['" "', lines],
  ["ERROR", lines.slice(0, 2)],
  ["error", []],
  ["ERROR ARGUMENTS", [lines[1]]],
  ['"] REQUEST"', [lines[2]]],
  ["?ARGUMENTS ?FAILED", lines.slice(1, 3)],
  ['?"BAD REQUEST" ?café', [lines[0], lines[3]]],
  ["ERROR -ARGUMENTS", [lines[0]]],
  ['-"ERROR 4"', lines.slice(2)],
  // As documented: beside other terms, those with a question mark have no effect.
  ["?ARGUMENTS ?INFO REQUEST", [lines[0], lines[2]]],
  ["%ERROR.4[01]%", lines.slice(0, 2)],
  ["%^.INFO|2$%", lines.slice(2)],
])("%s", (pattern, expected) => {
  expect(lines.filter(filterPattern(pattern))).toEqual(expected);
});

const objects = [
  { level: "error", status: 500, user: { id: 1, email: "a@b.c" }, tags: ["x", "y"], done: true, cause: null, "a-b": "%" },
  { level: "errand", status: 404, user: { id: 2 }, tags: [], done: false },
  { level: "info", status: "500", latency: 1000 },
];
const texts = [...objects.map((each) => JSON.stringify(each)), "no JSON", "7"];

it.each([
  ['{ $.level = "error" }', [0]],
  ["{$.level=error}", [0]],
  ['{ $.level = "err*" }', [0, 1]],
  ['{ $.level != "err*" }', [2]],
  ["{ $.level = %^err.r% }", [0]],
  ["{ $.status = 500 }", [0, 2]],
  ['{ $.status = "500" }', [2]],
  ["{ $.status = 4* }", [1]],
  ["{ $.status >= 404 }", [0, 1]],
  ["{ $.status < 500 }", [1]],
  ["{ $.latency = 1e+3 }", [2]],
  ['{ $.user.id = 1 && $.user.email = "a@b.c" }', [0]],
  ["{ $.user.id = 2 || $.level = info && $.status = 1 }", [1]],
  ["{ ($.user.id = 2 || $.level = info) && $.latency = 1000 }", [2]],
  ['{ $.tags[1] = "y" }', [0]],
  ['{ $.a-b = "%" }', [0]],
  ["{ $.done IS TRUE }", [0]],
  ["{ $.done IS FALSE }", [1]],
  ["{ $.cause IS NULL }", [0]],
  ["{ $.user.email NOT EXISTS && $.level = * }", [1, 2]],
  ['{ $.user = "*" }', []],
])("%s", (pattern, expected) => {
  expect(texts.flatMap((text, index) => (filterPattern(pattern)(text) ? [index] : []))).toEqual(expected);
});

it.each([
  "a:b",
  'ERROR "not closed',
  "[w1=ERROR, w2]",
  "%a(b)%",
  "%a",
  "%[%",
  "?",
  "{ $.a }",
  "{ $.a = }",
  '{ $.* = "x" }',
  "{ $.a IS 7 }",
])("%s is no pattern that is known here", (pattern) => {
  expect(() => filterPattern(pattern)).toThrow(expect.objectContaining({ name: "InvalidParameterException" }));
});
it.each(["{ ($.a = 1 }", "{ $.a = 1 $.b = 2 }", "{ $.a < x }", "{ $.a = 1", "{ a = 1 }", "{ $['a.b'] = 1 }", "{ $.a EXISTS }", "{}"])(
  "%s is no selection of JSON that is known here",
  (pattern) => {
    expect(() => filterPattern(pattern)).toThrow(expect.objectContaining({ name: "InvalidParameterException" }));
  },
);
