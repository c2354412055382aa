import { describe, expect, it } from "vitest";
import { evaluate, type Statement, statementsOf } from "../../../local/iam/policy.ts";

const table = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
const allow = (rest: Partial<Statement>): Statement => ({ Effect: "Allow", Action: "dynamodb:GetItem", Resource: table, ...rest });
const asked = { action: "dynamodb:GetItem", resource: table };
const withKey = (key: string, ...values: string[]) => ({ ...asked, context: { [key]: values } });

describe("a policy's verdict", () => {
  it.each<[string, Statement[], Parameters<typeof evaluate>[1], ReturnType<typeof evaluate>]>([
    ["nothing said", [], asked, "not allowed"],
    ["the very action and resource", [allow({})], asked, "allowed"],
    ["another action", [allow({ Action: "dynamodb:PutItem" })], asked, "not allowed"],
    ["an action's case does not matter", [allow({ Action: "DynamoDB:getitem" })], asked, "allowed"],
    ["an action by wildcard", [allow({ Action: ["s3:*", "dynamodb:Get*"] })], asked, "allowed"],
    ["another resource", [allow({ Resource: `${table}2` })], asked, "not allowed"],
    ["a resource's case matters", [allow({ Resource: table.toUpperCase() })], asked, "not allowed"],
    ["an index is not its table", [allow({})], { action: "dynamodb:GetItem", resource: `${table}/index/x` }, "not allowed"],
    ["a resource by wildcard", [allow({ Resource: "arn:aws:dynamodb:*:*:table/ord?rs" })], asked, "allowed"],
    ["a dot in a pattern is a dot", [allow({ Resource: table.replace("orders", "ord.rs") })], asked, "not allowed"],
    ["a deny wins over an allow", [allow({}), allow({ Effect: "Deny", Action: "dynamodb:*" })], asked, "denied"],
    ["NotAction leaves out what it names", [allow({ Action: undefined, NotAction: "dynamodb:GetItem" })], asked, "not allowed"],
    ["NotAction means all else", [allow({ Action: undefined, NotAction: "dynamodb:PutItem" })], asked, "allowed"],
    ["NotResource means all else", [allow({ Resource: undefined, NotResource: "arn:aws:s3:::x" })], asked, "allowed"],
    [
      "StringEquals that holds",
      [allow({ Condition: { StringEquals: { "events:source": ["a", "b"] } } })],
      withKey("events:source", "b"),
      "allowed",
    ],
    [
      "StringEquals that does not",
      [allow({ Condition: { StringEquals: { "events:source": "a" } } })],
      withKey("events:source", "c"),
      "not allowed",
    ],
    [
      "a key's case does not matter",
      [allow({ Condition: { StringEquals: { "Events:Source": "a" } } })],
      withKey("events:source", "a"),
      "allowed",
    ],
    ["a missing key fails StringEquals", [allow({ Condition: { StringEquals: { "events:source": "a" } } })], asked, "not allowed"],
    ["a missing key passes IfExists", [allow({ Condition: { StringEqualsIfExists: { "events:source": "a" } } })], asked, "allowed"],
    ["a missing key passes StringNotEquals", [allow({ Condition: { StringNotEquals: { "events:source": "a" } } })], asked, "allowed"],
    ["StringLike", [allow({ Condition: { StringLike: { "s3:prefix": "a/*" } } })], withKey("s3:prefix", "a/b"), "allowed"],
    [
      "ForAllValues: all are within",
      [allow({ Condition: { "ForAllValues:StringLike": { "dynamodb:leadingkeys": "A#*" } } })],
      withKey("dynamodb:leadingkeys", "A#1", "A#2"),
      "allowed",
    ],
    [
      "ForAllValues: one is not",
      [allow({ Condition: { "ForAllValues:StringLike": { "dynamodb:leadingkeys": "A#*" } } })],
      withKey("dynamodb:leadingkeys", "A#1", "B#2"),
      "not allowed",
    ],
    ["ForAnyValue: one is within", [allow({ Condition: { "ForAnyValue:StringEquals": { k: "b" } } })], withKey("k", "a", "b"), "allowed"],
    ["ForAnyValue: a missing key fails", [allow({ Condition: { "ForAnyValue:StringEquals": { k: "b" } } })], asked, "not allowed"],
    ["Null true: the key is missing", [allow({ Condition: { Null: { k: "true" } } })], asked, "allowed"],
    ["Null true: the key is there", [allow({ Condition: { Null: { k: "true" } } })], withKey("k", "a"), "not allowed"],
    [
      "all operators must hold",
      [allow({ Condition: { StringEquals: { k: "a" }, Bool: { b: "true" } } })],
      withKey("k", "a"),
      "not allowed",
    ],
    ["NumericLessThan", [allow({ Condition: { NumericLessThan: { n: "10" } } })], withKey("n", "9"), "allowed"],
  ])("%s", (_name, statements, requirement, verdict) => {
    expect(evaluate(statements, requirement)).toBe(verdict);
  });

  it("refuses an operator that it does not know, where it is written", () => {
    const document = { Statement: allow({ Condition: { DateGreaterThan: { "aws:CurrentTime": "2026-01-01" } } }) };
    expect(() => statementsOf(document, "App/Role")).toThrow("App/Role: The IAM condition operator DateGreaterThan");
  });
});
