import { describe, expect, it } from "vitest";
import { create, leastBody, pathsOf } from "./bodies.ts";

const withTest = (fields: object) => () =>
  create({ ...leastBody, smoke_tests: [{ name: "known", path: "/v2/models/iris/infer", ...fields }] });

describe("a smoke test", () => {
  it("has a method and an expectation by default", () => {
    expect(withTest({})().specification.smoke_tests).toEqual([
      { name: "known", method: "POST", path: "/v2/models/iris/infer", expect: { status: 200 } },
    ]);
  });

  it("keeps what it sends and expects as it is", () => {
    const test = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: { inputs: [null, 1.5, "é", { deep: [] }] },
      expect: { status: 200, json: { "outputs.0.data.0": 1, missing: null }, max_latency_ms: 500 },
    };
    expect(withTest(test)().specification.smoke_tests).toEqual([{ name: "known", path: "/v2/models/iris/infer", ...test }]);
  });

  it("expects types and ranges of fields", () => {
    const fields = [{ path: "outputs.0.data.0", type: "number", min: 0, max: 1 }, { path: "id", equals: null }, { path: "model_name" }];
    expect(withTest({ expect: { fields } })().specification.smoke_tests[0]?.expect).toEqual({ status: 200, fields });
  });

  it.each([
    ["max", { path: "a", min: 2, max: 1 }],
    ["type", { path: "a", type: "string", min: 2 }],
    ["type", { path: "a", type: "float" }],
    ["path", { path: "" }],
    ["minimum", { path: "a", minimum: 1 }],
  ])("refuses an expectation by its %s", (field, given) =>
    expect(pathsOf(withTest({ expect: { fields: [given] } }))).toEqual([`smoke_tests.0.expect.fields.0.${field}`]),
  );

  it.each(["/", "/v1/models/iris:predict", "/v2/health/ready?verbose=1", "/a%20b", "/a.b/..c/...", "/a;b=c/(d)"])("may ask %s", (path) =>
    expect(withTest({ path })().specification.smoke_tests[0]?.path).toBe(path),
  );

  it.each([
    "",
    "v2",
    "//evil.example/a",
    "https://evil.example/a",
    "/..",
    "/a/../b",
    "/a/..?x",
    "/./a",
    "/%2e%2e/a",
    "/a/.%2E/b",
    "/a%2fb",
    "/a%5cb",
    "/a%0d%0ab",
    "/a%zz",
    "/a%",
    "/a b",
    "/a\\b",
    "/a#b",
    "/a\r\nHost: x",
    "/ä",
    `/${"a".repeat(1024)}`,
  ])("may not ask %j", (path) => expect(new Set(pathsOf(withTest({ path })))).toEqual(new Set(["smoke_tests.0.path"])));

  it.each<[object, string]>([
    [{ name: "a b" }, "name"],
    [{ method: "TRACE" }, "method"],
    [{ method: "GET", body: {} }, "body"],
    [{ headers: { Authorization: "x" } }, "headers.Authorization"],
    [{ headers: { HOST: "x" } }, "headers.HOST"],
    [{ headers: { "X-Slipway-Access": "client" } }, "headers.X-Slipway-Access"],
    [{ headers: { "a b": "x" } }, "headers.a b"],
    [{ headers: { a: "x\r\ny" } }, "headers.a"],
    [{ expect: { status: 99 } }, "expect.status"],
    [{ expect: { max_latency_ms: 0 } }, "expect.max_latency_ms"],
    [{ expect: { body: "x" } }, "expect.body"],
    [{ timeout: 5 }, "timeout"],
  ])("with %j is refused", (fields, path) => expect(pathsOf(withTest(fields))).toEqual([`smoke_tests.0.${path}`]));

  it("has a name of its own, and there are few", () => {
    const test = { name: "a", path: "/" };
    expect(pathsOf(() => create({ ...leastBody, smoke_tests: [test, test] }))).toEqual(["smoke_tests.1.name"]);
    const many = Array.from({ length: 21 }, (_, index) => ({ ...test, name: `a${index}` }));
    expect(pathsOf(() => create({ ...leastBody, smoke_tests: many }))).toEqual(["smoke_tests"]);
  });
});
