import { describe, expect, it } from "vitest";
import { readConfiguration } from "../../lib/configuration.ts";
import { projectContext } from "../../lib/project-context.ts";

const given = () => structuredClone(projectContext().slipway) as Record<string, Record<string, Record<string, unknown>>>;

describe("configuration", () => {
  it("of a fresh clone can be used as it is", () => {
    expect(Object.keys(readConfiguration(given(), {}).environments)).toEqual(["staging", "production"]);
  });

  it("is replaced whole by SLIPWAY_CONFIGURATION", () => {
    const other = given();
    other.environments = { lab: { cluster: "slipway", namespace_prefix: "lab" } };
    expect(Object.keys(readConfiguration(given(), { SLIPWAY_CONFIGURATION: JSON.stringify(other) }).environments)).toEqual(["lab"]);
  });

  it.each([
    [
      "an environment in a cluster that is not there",
      { environments: { staging: { cluster: "nowhere", namespace_prefix: "s" } } },
      /environments\.staging\.cluster: no such cluster: nowhere\. Known: slipway/,
    ],
    [
      "an environment with a hyphen, which would blur namespaces",
      { environments: { "pre-prod": { cluster: "slipway", namespace_prefix: "s" } } },
      /pre-prod/,
    ],
    [
      "more reports than a function's environment takes",
      { reports: { webhooks: { ci: { kind: "generic", groups: Array.from({ length: 400 }, (_, n) => `group-${n}`) } } } },
      /reports: reports may have 3000 bytes as JSON, and these have \d{4}/,
    ],
    ["no environment", { environments: {} }, /at least one environment/],
    ["a field that nobody reads", { colour: "green" }, /colour/],
    ["a retention that CloudWatch Logs does not know", { log_retention_days: 31 }, /log_retention_days/],
    ["an address that is none", { endpoints: { gateway_url: "gateway" } }, /endpoints\.gateway_url: an http or https URL/],
  ])("is refused with %s", (_what, change, message) => {
    expect(() => readConfiguration({ ...given(), ...change }, {})).toThrow(message);
  });

  it("says where it came from when it cannot be used", () => {
    expect(() => readConfiguration({}, {})).toThrow("The configuration in cdk.json, context.slipway cannot be used");
    expect(() => readConfiguration(given(), { SLIPWAY_CONFIGURATION: "{}" })).toThrow("The configuration in SLIPWAY_CONFIGURATION");
    expect(() => readConfiguration(given(), { SLIPWAY_CONFIGURATION: "{" })).toThrow("SLIPWAY_CONFIGURATION is not JSON");
  });

  it("drops a slash at the end of an address", () => {
    const configuration = readConfiguration({ ...given(), endpoints: { gateway_url: "http://gateway.example.com/" } }, {});
    expect(configuration.endpoints).toEqual({ base_url: null, gateway_url: "http://gateway.example.com", vpc_link: null });
  });
});
