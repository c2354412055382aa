import { describe, expect, it } from "vitest";
import { mayLieAt } from "../../domain/model-location.ts";

describe("an artifact", () => {
  it.each([
    ["s3://models/fraud/card/1", "s3://models/fraud", true],
    ["s3://models/fraud/card/1", "s3://models/fraud/", true],
    ["s3://models/fraud", "s3://models/fraud", true],
    ["s3://models/fraud-of-others/1", "s3://models/fraud", false],
    ["s3://models-of-others/fraud/1", "s3://models", false],
    ["s3://models/fraud:1", "s3://models/fraud", false],
    ["gs://models/fraud/1", "s3://models/fraud", false],
    ["hf://acme/card:v2", "hf://acme/card", true],
    ["hf://acme/card", "hf://acme", true],
    ["oci://registry.example/team/card@sha256:1", "oci://registry.example/team/card", true],
    ["https://models.example.com.evil.example/card", "https://models.example.com", false],
  ])("at %s lies within %s: %s", (uri, location, within) => {
    expect(mayLieAt(uri, [location])).toBe(within);
  });

  it("lies anywhere where nothing is said, and nowhere where no location is", () => {
    expect(mayLieAt("s3://models/1", null)).toBe(true);
    expect(mayLieAt("s3://models/1", [])).toBe(false);
  });
});
