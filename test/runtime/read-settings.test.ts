import { describe, expect, it } from "vitest";
import { readSettings } from "../../lambdas/runtime/read-settings.ts";

describe("settings", () => {
  it("are read by the function's own names, environments parsed", () => {
    const variables = { TABLE_NAME: "record", GROUPS_CLAIM: "groups", ENVIRONMENTS: '{"staging":{"cluster":"local"}}', OTHER: "x" };
    expect(readSettings("ReadRecord", variables)).toEqual({
      TABLE_NAME: "record",
      GROUPS_CLAIM: "groups",
      ENVIRONMENTS: { staging: { cluster: "local" } },
    });
  });

  it("that are missing are named all at once", () => {
    expect(() => readSettings("ChangeRecord", { TABLE_NAME: "record" })).toThrow(
      /ChangeRecord lacks settings: SECRETS_TABLE_NAME .*GROUPS_CLAIM/s,
    );
  });

  it("that are no JSON are quoted", () => {
    const variables = { TABLE_NAME: "record", GROUPS_CLAIM: "groups", ENVIRONMENTS: "{staging" };
    expect(() => readSettings("ReadRecord", variables)).toThrow(/ENVIRONMENTS is not JSON.*Given: \{staging/);
  });
});
