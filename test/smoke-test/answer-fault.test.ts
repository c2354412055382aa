import { describe, expect, it } from "vitest";
import { answerFault } from "../../lambdas/smoke-test/answer-fault.ts";

const answer = (body: unknown, more = {}) => ({
  status: 200,
  body: typeof body === "string" ? body : JSON.stringify(body),
  latency_ms: 20,
  ...more,
});

describe("an answer", () => {
  const scored = { outputs: [{ name: "label", shape: [1, 1], data: [1] }], "model.version": "3" };
  it.each([
    ["is as expected", { status: 200, json: { "outputs.0.data.0": 1 } }, answer(scored), undefined],
    [
      "is compared whole, not by parts",
      { status: 200, json: { "outputs.0.shape": [1] } },
      answer(scored),
      "outputs.0.shape is [1,1], expected [1]",
    ],
    ["lacks what is expected", { status: 200, json: { "outputs.1.data": [1] } }, answer(scored), "outputs.1.data is absent, expected [1]"],
    ["is told apart by type", { status: 200, json: { "outputs.0.data.0": "1" } }, answer(scored), 'outputs.0.data.0 is 1, expected "1"'],
    [
      "has no inherited fields",
      { status: 200, json: { "constructor.name": "Object" } },
      answer({}),
      'constructor.name is absent, expected "Object"',
    ],
    ["has another status", { status: 422 }, answer({}), "answered 200, expected 422"],
    [
      "is too long to be judged",
      { status: 200, json: { a: 1 } },
      answer('{"a":1,"b":"', { is_cut: true }),
      "the answer is longer than 1 MiB, which is as far as it was kept: ask for less of it, or expect its status only",
    ],
    ["is long, and nothing but its status is expected", { status: 200 }, answer('{"a":1,"b":"', { is_cut: true }), undefined],
    ["is no JSON", { status: 200, json: { a: 1 } }, answer("Traceback"), "the answer is not JSON"],
    [
      "has what only Python takes for JSON",
      { status: 200, json: { a: 1 } },
      answer('{"a": [1.5, NaN]}'),
      "the answer is not JSON: it has NaN",
    ],
    [
      "is in range",
      { status: 200, fields: [{ path: "outputs.0.data.0", type: "integer" as const, min: 0, max: 1 }] },
      answer(scored),
      undefined,
    ],
    [
      "is out of range",
      { status: 200, fields: [{ path: "outputs.0.data.0", min: 2 }] },
      answer(scored),
      "outputs.0.data.0 is 1, expected a number of at least 2",
    ],
    [
      "is of another type",
      { status: 200, fields: [{ path: "outputs.0.name", type: "number" as const }] },
      answer(scored),
      'outputs.0.name is "label", expected a value of type number',
    ],
    [
      "is no number where a range is expected",
      { status: 200, fields: [{ path: "outputs.0.name", min: 0, max: 1 }] },
      answer(scored),
      'outputs.0.name is "label", expected a number from 0 to 1',
    ],
    ["has a field", { status: 200, fields: [{ path: "outputs.0.shape" }] }, answer(scored), undefined],
    [
      "lacks a field",
      { status: 200, fields: [{ path: "outputs.0.parameters" }] },
      answer(scored),
      "outputs.0.parameters is absent, expected any value",
    ],
    ["has null", { status: 200, fields: [{ path: "a", equals: null, type: "null" as const }] }, answer({ a: null }), undefined],
    ["comes too late", { status: 200, max_latency_ms: 10 }, answer({}), "took 20 ms, at most 10 ms were expected"],
  ])("that %s", (_what, expect_, given, fault) => {
    expect(answerFault({ expect: expect_ }, given)).toBe(fault);
  });
});
