// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the template
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { constructName } from "../../../local/template/application.ts";
import { readApplication } from "../../../local/template/read-application.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-template-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const origin = { placeholder: "http://slipway.invalid", url: "http://127.0.0.1:4321" };

function assembly(template: object): string {
  mkdirSync(join(folder, "asset.abc"));
  const artifacts = {
    "App.assets": { type: "cdk:asset-manifest", properties: { file: "App.assets.json" } },
    App: { type: "aws:cloudformation:stack", properties: { templateFile: "App.template.json" } },
  };
  const files = { abc: { source: { path: "asset.abc", packaging: "zip" }, destinations: { here: { objectKey: "abc.zip" } } } };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ artifacts }));
  writeFileSync(join(folder, "App.assets.json"), JSON.stringify({ files }));
  writeFileSync(join(folder, "App.template.json"), JSON.stringify(template));
  return folder;
}

const read = (template: object) => readApplication(assembly(template), origin);

describe("a cloud assembly", () => {
  it("gives every resource its name, ARN and resolved properties, whatever the order in the template", () => {
    const application = read({
      Resources: {
        Reader: {
          Type: "AWS::Lambda::Function",
          Metadata: { "aws:cdk:path": "App/Reader/Resource" },
          Properties: {
            Role: { "Fn::GetAtt": ["ReaderRole", "Arn"] },
            Environment: {
              Variables: {
                TABLE: { Ref: "Table" },
                INDEX: { "Fn::Sub": "${Table.Arn}/index/by-name" },
                ISSUER: "http://slipway.invalid/oidc",
              },
            },
          },
        },
        ReaderRole: { Type: "AWS::IAM::Role", Properties: {} },
        Table: { Type: "AWS::DynamoDB::GlobalTable", Properties: { TableName: "orders" } },
      },
    });
    const [reader] = application.ofType("AWS::Lambda::Function");
    expect(reader).toMatchObject({
      ref: "App-Reader",
      attributes: { Arn: "arn:aws:lambda:us-east-1:000000000000:function:App-Reader" },
      properties: {
        Role: "arn:aws:iam::000000000000:role/App-ReaderRole",
        Environment: {
          Variables: {
            TABLE: "orders",
            INDEX: "arn:aws:dynamodb:us-east-1:000000000000:table/orders/index/by-name",
            ISSUER: "http://127.0.0.1:4321/oidc",
          },
        },
      },
    });
    expect(reader && constructName(reader)).toBe("Reader");
    expect(application.asset("abc.zip")).toBe(join(folder, "asset.abc"));
    expect(() => application.asset("other.zip")).toThrow("no asset other.zip");
  });

  it("keeps names within the length that the service allows, and apart", () => {
    const long = "A".repeat(80);
    const application = read({
      Resources: { [`${long}1`]: { Type: "AWS::IAM::Role" }, [`${long}2`]: { Type: "AWS::IAM::Role" } },
    });
    const names = application.ofType("AWS::IAM::Role").map(({ ref }) => ref);
    expect(names.every((name) => name.length <= 64)).toBe(true);
    expect(new Set(names).size).toBe(2);
  });

  it("leaves out a resource whose condition does not hold", () => {
    const application = read({
      Parameters: { Stage: { Default: "local" } },
      Conditions: { IsLocal: { "Fn::Equals": [{ Ref: "Stage" }, "local"] }, IsNot: { "Fn::Not": [{ Condition: "IsLocal" }] } },
      Resources: { Here: { Type: "AWS::S3::Bucket", Condition: "IsLocal" }, NotHere: { Type: "AWS::S3::Bucket", Condition: "IsNot" } },
    });
    expect(application.resources.map(({ logicalId }) => logicalId)).toEqual(["Here"]);
  });

  it("refuses a type that it cannot stand in for, naming type and construct, and lets pass what has no effect here", () => {
    const alarm = { Type: "AWS::CloudWatch::Alarm" };
    expect(read({ Resources: { Alarm: alarm } }).ofType("AWS::CloudWatch::Alarm")).toHaveLength(1);
    rmSync(join(folder, "asset.abc"), { recursive: true });
    const topic = { Type: "AWS::Kinesis::Stream", Metadata: { "aws:cdk:path": "App/Clicks/Resource" } };
    expect(() => read({ Resources: { Alarm: alarm, Topic: topic } })).toThrow(/AWS::Kinesis::Stream \(App\/Clicks\/Resource\)/);
  });

  it("refuses a reference that leads nowhere and an attribute that there is not", () => {
    expect(() => read({ Resources: { A: { Type: "AWS::S3::Bucket", Properties: { Tags: { Ref: "Missing" } } } } })).toThrow(
      "no resource or parameter Missing",
    );
    rmSync(join(folder, "asset.abc"), { recursive: true });
    expect(() => read({ Resources: { A: { Type: "AWS::S3::Bucket", Properties: { Tags: { "Fn::GetAtt": ["A", "Colour"] } } } } })).toThrow(
      "no attribute Colour",
    );
  });
});
