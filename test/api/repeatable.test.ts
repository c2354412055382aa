import { describe, expect, it } from "vitest";
import { readRepeatable } from "../../lambdas/api/repeatable.ts";
import type { HttpRequest } from "../../lambdas/runtime/http-handler.ts";

const request = (over: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  path: "/v1/deployments",
  parameters: {},
  query: {},
  headers: { "idempotency-key": "key-1" },
  body: { a: 1, b: [{ c: 2, d: 3 }] },
  claims: {},
  requestId: "r",
  bytes: Buffer.alloc(0),
  ...over,
});
const hash = (over: Partial<HttpRequest> = {}, actor = "ada") => readRepeatable(request(over), actor)?.request_hash;
const withSecret = (value: unknown) => ({ body: { env: [{ name: "K", secret: true, value }] } });

describe("a request that may be repeated", () => {
  it("is known by its key and what it asks", () => {
    expect(readRepeatable(request(), "ada")).toEqual({ actor: "ada", key: "key-1", request_hash: hash() });
    expect(readRepeatable(request({ headers: {} }), "ada")).toBeUndefined();
  });

  it("is the same whatever the order of its fields, and however long it is to wait", () => {
    expect(hash({ body: { b: [{ d: 3, c: 2 }], a: 1 }, query: { wait: "25" } })).toBe(hash());
  });

  it.each([
    ["method", { method: "PATCH" }],
    ["path", { path: "/v1/models" }],
    ["body", { body: { a: 1, b: [{ c: 2, d: 4 }] } }],
    ["order of a list", { body: { a: 1, b: [] } }],
    ["absence of a body", { body: undefined }],
  ])("is another by its %s", (_, over) => {
    expect(hash(over)).not.toBe(hash());
  });

  it("is another by a secret's value, which no fast hash of the body gives away", () => {
    expect(hash(withSecret("one"))).not.toBe(hash(withSecret("two")));
    expect(hash(withSecret("one"))).toBe(hash(withSecret("one")));
    expect(hash(withSecret("one"))).not.toBe(hash(withSecret("one"), "eve"));
  });

  it.each([[""], [" key"], ["key "], ["k\u00e9y"], ["x".repeat(129)], ["a\tb"]])("is refused with the key %j", (key) => {
    expect(() => readRepeatable(request({ headers: { "idempotency-key": key } }), "ada")).toThrow(
      expect.objectContaining({ code: "invalid-input" }),
    );
  });

  it.each([["k"], ["x".repeat(128)], ["a b"], ["~!@#"]])("takes the key %j", (key) => {
    expect(readRepeatable(request({ headers: { "idempotency-key": key } }), "ada")?.key).toBe(key);
  });
});
