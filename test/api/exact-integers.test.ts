import fc from "fast-check";
import { expect, it } from "vitest";
import { exactly } from "../../lambdas/api/exact-integers.ts";

const read = (text: string) => exactly({ body: JSON.parse(text), bytes: Buffer.from(text) });

it("gives an integer that a double would round as a bigint", () => {
  const text = '{"inputs": [{"data": [9223372036854775807, -9007199254740993, 1]}]}';
  expect(read(text)).toEqual({ inputs: [{ data: [9223372036854775807n, -9007199254740993n, 1] }] });
  expect(read(`[${"9".repeat(400)}]`)).toEqual([BigInt("9".repeat(400))]);
});

it.each([
  '{"a": 9007199254740992, "b": 100000000000000000000, "c": -0, "d": 1152921504606847000}',
  "[0.12345678901234567890, 12345678901234567e3]",
  '"12345678901234567"',
])("gives %s as JSON has it: a double holds it, it is no integer, or a text", (text) => expect(read(text)).toEqual(JSON.parse(text)));

it("gives what JSON was made of", () => {
  const property = fc.property(fc.jsonValue(), (value) => {
    const text = JSON.stringify(value);
    expect(read(text)).toEqual(JSON.parse(text));
  });
  fc.assert(property);
});
