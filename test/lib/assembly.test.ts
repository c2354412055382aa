import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { routes } from "../../contract/routes.ts";
import type { ApiRoute } from "../../lib/http-api.ts";
import { constructOf, synthesize } from "./synthesized.ts";

const { assembly, ofType } = synthesize();
const read = (name: string) => JSON.parse(readFileSync(join(assembly, name), "utf8"));

it("says in files alone what is deployed: manifest, template, and the code of every function", () => {
  const { artifacts } = read("manifest.json");
  expect(artifacts.Slipway).toMatchObject({ type: "aws:cloudformation:stack", properties: { templateFile: "Slipway.template.json" } });
  const assets = Object.values(read("Slipway.assets.json").files) as {
    source: { path: string };
    destinations: Record<string, { objectKey: string }>;
  }[];
  for (const [, resource] of ofType("AWS::Lambda::Function")) {
    const asset = assets.find(({ destinations }) =>
      Object.values(destinations).some(({ objectKey }) => objectKey === resource.Properties.Code.S3Key),
    );
    expect(readFileSync(join(assembly, asset?.source.path as string, "index.mjs"), "utf8")).toContain(constructOf(resource));
  }
});

it("needs no account, region or look-up", () => {
  const { artifacts, missing } = read("manifest.json");
  expect(artifacts.Slipway.environment).toBe("aws://unknown-account/unknown-region");
  expect(missing).toBeUndefined();
});

it("passes every rule of cdk-nag that is not acknowledged with a reason", () => {
  expect(read("validation-report.json").pluginReports).toEqual([]);
});

it("is refused by cdk-nag with a finding that nobody has acknowledged", () => {
  const open: ApiRoute = { operation_id: "open", method: "GET", path: "/v1/open", function: "DescribeApi", policy: { signIn: false } };
  expect(() => synthesize({ apiRoutes: [...routes, open] })).toThrow("AwsSolutions-APIG4");
});
