// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the template
import { describe, expect, it } from "vitest";
import { noValue, resolve, type Scope } from "../../../local/template/intrinsics.ts";

const scope: Scope = {
  ref: (id) => ({ Name: "orders", "AWS::Region": "us-east-1", "AWS::NoValue": noValue })[id],
  attribute: (id, attribute) => `${id}-${attribute}`,
  condition: (name) => name === "IsTrue",
  imported: (name) => `imported-${name}`,
  mapped: (mapping, top, second) => `${mapping}/${top}/${second}`,
};

describe("expressions of a template", () => {
  it.each([
    ["Ref", { Ref: "Name" }, "orders"],
    ["GetAtt as a list", { "Fn::GetAtt": ["Table", "Arn"] }, "Table-Arn"],
    ["GetAtt of a nested attribute", { "Fn::GetAtt": ["Stack", "Outputs.Url"] }, "Stack-Outputs.Url"],
    ["GetAtt as text", { "Fn::GetAtt": "Table.Arn" }, "Table-Arn"],
    ["Join", { "Fn::Join": [":", ["a", { Ref: "Name" }, "b"]] }, "a:orders:b"],
    ["Sub with references and attributes", { "Fn::Sub": "x-${Name}-${Table.Arn}-${AWS::Region}" }, "x-orders-Table-Arn-us-east-1"],
    ["Sub with variables of its own", { "Fn::Sub": ["${Mine}/${Name}", { Mine: { Ref: "Name" } }] }, "orders/orders"],
    ["Sub with a literal", { "Fn::Sub": "${!Kept} ${Name}" }, "${Kept} orders"],
    ["Select of Split", { "Fn::Select": [1, { "Fn::Split": ["/", "a/b/c"] }] }, "b"],
    ["If that holds", { "Fn::If": ["IsTrue", "yes", "no"] }, "yes"],
    ["If that does not", { "Fn::If": ["IsFalse", "yes", { Ref: "Name" }] }, "orders"],
    ["ImportValue", { "Fn::ImportValue": { "Fn::Sub": "${Name}-arn" } }, "imported-orders-arn"],
    ["FindInMap", { "Fn::FindInMap": ["Map", { Ref: "AWS::Region" }, "x"] }, "Map/us-east-1/x"],
    ["Base64", { "Fn::Base64": "hello" }, "aGVsbG8="],
    [
      "And, Or, Not, Equals",
      { "Fn::And": [{ "Fn::Not": [{ "Fn::Equals": ["a", "b"] }] }, { "Fn::Or": [{ Condition: "IsFalse" }, { Condition: "IsTrue" }] }] },
      true,
    ],
    ["an object with one ordinary key", { name: { Ref: "Name" } }, { name: "orders" }],
    [
      "an IAM condition, which is no reference to a condition",
      { Condition: { Bool: { "aws:SecureTransport": "false" } } },
      { Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ],
  ])("%s", (_name, value, expected) => {
    expect(resolve(value, scope)).toEqual(expected);
  });

  it("leaves out what is AWS::NoValue, in objects and in lists", () => {
    expect(resolve({ a: 1, b: { Ref: "AWS::NoValue" }, c: [{ Ref: "AWS::NoValue" }, 2] }, scope)).toEqual({ a: 1, c: [2] });
  });

  it("refuses a function that it does not know, by name", () => {
    expect(() => resolve({ "Fn::Cidr": ["10.0.0.0/16", 2] }, scope)).toThrow("Fn::Cidr is not known");
  });

  it("refuses a selection beyond the list", () => {
    expect(() => resolve({ "Fn::Select": [3, ["a"]] }, scope)).toThrow("no item 3");
  });
});
