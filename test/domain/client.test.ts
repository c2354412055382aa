import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientNamePattern, holderOf, isUseToBeNoted, tokenOf, workingHashes } from "../../domain/client.ts";

const name = fc.stringMatching(clientNamePattern);
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("base64url"));
const at = (milliseconds: number) => new Date(milliseconds).toISOString();

describe("a token", () => {
  it("leads to its client, whatever the client's name", () => {
    fc.assert(fc.property(name, secret, (holder, bits) => holderOf(tokenOf(holder, bits)) === holder));
  });

  it.each([
    ["nothing", ""],
    ["another's prefix", `sk_ci.${"a".repeat(43)}`],
    ["no name", `slipway_.${"a".repeat(43)}`],
    ["too short a secret", `slipway_ci.${"a".repeat(42)}`],
    ["too long a secret", `slipway_ci.${"a".repeat(44)}`],
    ["a character that base64url has not", `slipway_ci.${"a".repeat(42)}+`],
    ["a line after it", `slipway_ci.${"a".repeat(43)}\n`],
    ["a name that nobody can have", `slipway_CI.${"a".repeat(43)}`],
  ])("is not: %s", (_what, text) => {
    expect(holderOf(text)).toBeUndefined();
  });
});

describe("what works now", () => {
  const client = { token_hash: "new", expires_at: null, previous: [] };

  it.each([
    ["the token", client, ["new"]],
    ["the one before it, until its time is over", { ...client, previous: [{ hash: "old", until: at(1_001) }] }, ["new", "old"]],
    [
      "each of several before it, until its own time is over",
      { ...client, previous: [2_000, 1_001, 1_000].map((until) => ({ hash: `until ${until}`, until: at(until) })) },
      ["new", "until 2000", "until 1001"],
    ],
    ["the one before it no more, once it is", { ...client, previous: [{ hash: "old", until: at(1_000) }] }, ["new"]],
    ["the token, while the client has not expired", { ...client, expires_at: at(1_001) }, ["new"]],
    ["nothing, once it has", { ...client, expires_at: at(1_000) }, []],
    ["nothing of an expired one's rotation", { ...client, expires_at: at(1_000), previous: [{ hash: "old", until: at(2_000) }] }, []],
  ])("is %s", (_what, given, expected) => {
    expect(workingHashes(given, 1_000)).toEqual(expected);
  });
});

describe("the use of a client", () => {
  it("is noted the first time, and then once in five minutes", () => {
    expect(isUseToBeNoted({ last_used_at: null }, 0)).toBe(true);
    expect(isUseToBeNoted({ last_used_at: at(1_000) }, 300_999)).toBe(false);
    expect(isUseToBeNoted({ last_used_at: at(1_000) }, 301_000)).toBe(true);
  });
});
