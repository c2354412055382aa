import { describe, expect, it } from "vitest";
import { readCaller } from "../../lambdas/api/caller.ts";

const caller = (claims: object) => readCaller({ sub: "s-1", ...claims }, "groups");

describe("the caller", () => {
  it.each([
    ["an array", ["fraud:member", "demo:viewer"]],
    ["API Gateway's text of an array", "[fraud:member demo:viewer]"],
    ["JSON text of an array", '["fraud:member","demo:viewer"]'],
    ["names between blanks", "fraud:member demo:viewer"],
    ["names between commas", "fraud:member, demo:viewer"],
  ])("has the roles of %s", (_, groups) => {
    expect(Object.fromEntries(caller({ groups }).roles)).toEqual({ fraud: "member", demo: "viewer" });
  });

  it("has one role of one plain text", () => {
    expect(Object.fromEntries(caller({ groups: "fraud:admin" }).roles)).toEqual({ fraud: "admin" });
    expect(Object.fromEntries(caller({ groups: "[fraud:admin]" }).roles)).toEqual({ fraud: "admin" });
  });

  it("has the highest of several roles in a group, in any order", () => {
    expect(caller({ groups: ["a1:viewer", "a1:admin", "a1:member"] }).roles.get("a1")).toBe("admin");
    expect(caller({ groups: ["a1:member", "a1:viewer"] }).roles.get("a1")).toBe("member");
  });

  it.each([
    [undefined],
    [null],
    [7],
    [{}],
    [""],
    ["[]"],
    [["Fraud:member", "fraud", "fraud:owner", "fraud:member:x", ":member", "a:b:admin", 7]],
  ])("has no role of %j", (groups) => {
    expect(caller({ groups })).toMatchObject({ roles: new Map(), platformAdmin: false });
  });

  it("is platform admin by that word alone", () => {
    expect(caller({ groups: "[platform:admin]" })).toMatchObject({ platformAdmin: true, roles: new Map() });
    expect(caller({ groups: ["platform:member", "platform:viewer"] })).toMatchObject({ platformAdmin: false, roles: new Map() });
  });

  it("reads the claim that configuration names, and no other", () => {
    expect(readCaller({ sub: "s", groups: "fraud:admin", "cognito:groups": "[demo:viewer]" }, "cognito:groups").roles).toEqual(
      new Map([["demo", "viewer"]]),
    );
  });

  it("is named by a verified e-mail address, else by the subject", () => {
    expect(caller({ email: "ada@example.com" })).toMatchObject({ actor: "ada@example.com", email: "ada@example.com" });
    expect(caller({ email: "ada@example.com", email_verified: "true" }).actor).toBe("ada@example.com");
    for (const email_verified of [false, "false"])
      expect(caller({ email: "ada@example.com", email_verified })).toMatchObject({ actor: "s-1", email: null });
    expect(caller({}).actor).toBe("s-1");
  });

  it("is nobody without a subject", () => {
    for (const sub of [undefined, "", 7]) expect(() => caller({ sub })).toThrow(expect.objectContaining({ code: "unauthenticated" }));
  });
});
