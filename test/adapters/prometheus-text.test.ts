import { expect, it } from "vitest";
import { readSamples } from "../../lambdas/adapters/prometheus-text.ts";

const values = (text: string, ...names: string[]) => readSamples(text, names).map(({ value }) => value);

it("reads the samples of the named metrics, in order, past comments and everything else", () => {
  const text = [
    "# HELP a_total Of \\n things { \\\\",
    "# TYPE a_total counter",
    'a_total{code="200"} 3',
    "",
    "a_total_more 9",
    'a{code="200"} 9',
    "not a sample at all",
    "a_total 4 1395066363000",
  ].join("\n");
  expect(readSamples(text, ["a_total"])).toEqual([
    { name: "a_total", labels: { code: "200" }, value: 3 },
    { name: "a_total", labels: {}, value: 4 },
  ]);
});

it.each([
  ["no label", "a{} 1", {}],
  ["spaces and a last comma", 'a { b = "1" , c="2", } 1', { b: "1", c: "2" }],
  ["escapes", String.raw`a{path="C:\\DIR\\n",error="not \"found\"\nhere"} 1`, { path: "C:\\DIR\\n", error: 'not "found"\nhere' }],
  ["braces, commas and spaces in a value", 'a{b="{x, y} = 2",c="}"} 1', { b: "{x, y} = 2", c: "}" }],
  ["no space before the number", 'a{b="1"}1', { b: "1" }],
])("labels: %s", (_what, text, labels) => {
  expect(readSamples(text, ["a"])).toEqual([{ name: "a", labels, value: 1 }]);
});

it.each([
  ["a 1.795246449e+09", 1795246449],
  ["a 4.9854e-05", 0.000049854],
  ["a -0.5", -0.5],
  ["a +Inf", Number.POSITIVE_INFINITY],
  ["a -Inf", Number.NEGATIVE_INFINITY],
  ["a NaN", Number.NaN],
])("numbers: %s", (text, value) => {
  expect(values(text, "a")).toEqual([value]);
});

it.each(["a", "a{", 'a{b="1} 2', 'a{b="1" c="2"} 3', "a{b=1} 2", "a one", "a 1 2 3"])("a line that is no sample is told: %s", (text) => {
  expect(() => readSamples(`b 1\n${text}`, ["a"])).toThrow(`not a sample of Prometheus' text format: ${JSON.stringify(text)}`);
});
