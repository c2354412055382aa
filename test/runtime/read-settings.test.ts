import { describe, expect, it } from "vitest";
import { readSettings } from "../../lambdas/runtime/read-settings.ts";

describe("settings", () => {
  const all = {
    TABLE_NAME: "record",
    ROLLOUT_STATE_MACHINE_ARN: "arn:rollout",
    ROLLBACK_STATE_MACHINE_ARN: "arn:rollback",
    SHUTDOWN_STATE_MACHINE_ARN: "arn:shutdown",
    VERIFICATION_STATE_MACHINE_ARN: "arn:verification",
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

  it("that are no JSON are quoted", () => {
    const variables = { ...all, ENVIRONMENTS: "{staging" };
    expect(() => readSettings("Sync", variables)).toThrow(/ENVIRONMENTS is not JSON.*Given: \{staging/);
  });
});
