import { describe, expect, it } from "vitest";
import { readSettings } from "../../lambdas/runtime/read-settings.ts";
import { functionSettings } from "../../lambdas/runtime/settings.ts";

describe("settings", () => {
  /** A value for each; a test gives the one that is parsed. */
  const all: Record<string, string> = {
    ...Object.fromEntries(functionSettings.Sync.map((name) => [name, `value of ${name}`])),
    FRESHNESS: "minute",
  };

  it("are read by the function's own names, environments parsed", () => {
    const variables = {
      ...all,
      ENVIRONMENTS: '{"staging":{"cluster":"local"}}',
      OTHER: "x",
    };
    expect(readSettings("Sync", variables)).toEqual({
      ...all,
      ENVIRONMENTS: { staging: { cluster: "local" } },
    });
  });

  it("that are missing are named all at once", () => {
    expect(() => readSettings("ChangeRecord", { TABLE_NAME: "record" })).toThrow(
      /ChangeRecord lacks settings: SECRETS_TABLE_NAME .*GROUPS_CLAIM/s,
    );
  });

  it("that are none of the words they may be are refused", () => {
    const variables = { ...all, ENVIRONMENTS: "{}", FRESHNESS: "often" };
    expect(() => readSettings("Sync", variables)).toThrow("setting FRESHNESS is one of on_demand, always, minute. Given: often");
  });

  it("that are no JSON are quoted", () => {
    const variables = { ...all, ENVIRONMENTS: "{staging" };
    expect(() => readSettings("Sync", variables)).toThrow(/ENVIRONMENTS is not JSON.*Given: \{staging/);
  });
});
