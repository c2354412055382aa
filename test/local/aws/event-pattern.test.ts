import { describe, expect, it } from "vitest";
import { matchesEvent, type Pattern, refuseUnknownMatchers } from "../../../local/aws/events/pattern.ts";

const event = {
  source: "aws.ec2",
  "detail-type": "EC2 Instance State-change Notification",
  region: "us-east-1",
  resources: ["arn:aws:ec2:us-east-1:123456789012:instance/i-1234", "arn:other"],
  detail: {
    state: "terminated",
    "c-count": 5,
    "x-limit": 301.8,
    "source-ip": "10.0.0.123",
    name: "Alice.PNG",
    empty: "",
    nothing: null,
    flag: true,
    tags: [
      { key: "team", value: "risk" },
      { key: "stage", value: "test" },
    ],
  },
};

/** The cases of "Comparison operators for use in event patterns" in the EventBridge guide, one or more for each operator. */
describe("an event pattern", () => {
  it.each<[string, Pattern, boolean]>([
    ["an empty pattern matches everything", {}, true],
    ["exact", { source: ["aws.ec2"] }, true],
    ["exact, one of several", { detail: { state: ["running", "terminated"] } }, true],
    ["exact, another", { source: ["aws.s3"] }, false],
    ["exact is case sensitive", { source: ["AWS.ec2"] }, false],
    ["a number", { detail: { "c-count": [5] } }, true],
    ["a number is not its text", { detail: { "c-count": ["5"] } }, false],
    ["true", { detail: { flag: [true] } }, true],
    ["null", { detail: { nothing: [null] } }, true],
    ["null is not absence", { detail: { missing: [null] } }, false],
    ["the empty string", { detail: { empty: [""] } }, true],
    ["all fields must match", { source: ["aws.ec2"], detail: { state: ["running"] } }, false],
    ["one item of a list is enough", { resources: ["arn:other"] }, true],
    ["prefix", { detail: { state: [{ prefix: "term" }] } }, true],
    ["prefix that is not", { detail: { state: [{ prefix: "run" }] } }, false],
    ["prefix without case", { detail: { name: [{ prefix: { "equals-ignore-case": "ALICE" } }] } }, true],
    ["suffix", { detail: { name: [{ suffix: ".PNG" }] } }, true],
    ["suffix that is not", { detail: { name: [{ suffix: ".png" }] } }, false],
    ["suffix without case", { detail: { name: [{ suffix: { "equals-ignore-case": ".png" } }] } }, true],
    ["anything-but", { detail: { state: [{ "anything-but": "initializing" }] } }, true],
    ["anything-but that one", { detail: { state: [{ "anything-but": "terminated" }] } }, false],
    ["anything-but a list", { detail: { state: [{ "anything-but": ["stopped", "terminated"] }] } }, false],
    ["anything-but numbers", { detail: { "x-limit": [{ "anything-but": [100, 200] }] } }, true],
    ["anything-but a prefix", { detail: { state: [{ "anything-but": { prefix: "init" } }] } }, true],
    ["anything-but prefixes", { detail: { state: [{ "anything-but": { prefix: ["init", "term"] } }] } }, false],
    ["anything-but a suffix", { detail: { name: [{ "anything-but": { suffix: ".PNG" } }] } }, false],
    ["anything-but without case", { detail: { state: [{ "anything-but": { "equals-ignore-case": ["TERMINATED"] } }] } }, false],
    ["anything-but a wildcard", { detail: { name: [{ "anything-but": { wildcard: "Al*" } }] } }, false],
    ["anything-but does not match absence", { detail: { missing: [{ "anything-but": "x" }] } }, false],
    ["numeric within", { detail: { "c-count": [{ numeric: [">", 0, "<=", 5] }] } }, true],
    ["numeric outside", { detail: { "c-count": [{ numeric: ["<", 5] }] } }, false],
    ["numeric equal", { detail: { "x-limit": [{ numeric: ["=", 301.8] }] } }, true],
    ["numeric of a text", { detail: { state: [{ numeric: [">", 0] }] } }, false],
    ["cidr", { detail: { "source-ip": [{ cidr: "10.0.0.0/24" }] } }, true],
    ["cidr outside", { detail: { "source-ip": [{ cidr: "10.0.1.0/24" }] } }, false],
    ["cidr of no address", { detail: { state: [{ cidr: "10.0.0.0/24" }] } }, false],
    ["exists", { detail: { "c-count": [{ exists: true }] } }, true],
    ["exists is of leaves", { detail: [{ exists: true }] }, false],
    ["exists false", { detail: { missing: [{ exists: false }] } }, true],
    ["exists false where it does", { detail: { "c-count": [{ exists: false }] } }, false],
    ["exists false below what is missing", { nowhere: { at: { all: [{ exists: false }] } } }, true],
    ["equals-ignore-case", { source: [{ "equals-ignore-case": "AWS.EC2" }] }, true],
    ["wildcard", { resources: [{ wildcard: "arn:aws:ec2:*:*:instance/i-*" }] }, true],
    ["wildcard matches as a whole", { source: [{ wildcard: "aws" }] }, false],
    ["wildcard with an escaped star", { source: [{ wildcard: "aws\\*" }] }, false],
    ["a dot is a dot", { source: [{ wildcard: "a.s.ec2" }] }, false],
    ["several matchers are an or", { detail: { "c-count": [{ numeric: [">", 100] }, { exists: true }] } }, true],
    ["$or", { $or: [{ source: ["aws.s3"] }, { detail: { state: ["terminated"] } }] }, true],
    ["$or with none", { $or: [{ source: ["aws.s3"] }, { detail: { state: ["x"] } }] }, false],
    ["$or beside a field", { source: ["aws.s3"], $or: [{ region: ["us-east-1"] }, { region: ["x"] }] }, false],
    ["an object in a list", { detail: { tags: { key: ["stage"], value: ["test"] } } }, true],
    ["two objects in a list do not make one", { detail: { tags: { key: ["team"], value: ["test"] } } }, false],
  ])("%s", (_name, pattern, expected) => {
    expect(matchesEvent(pattern, event)).toBe(expected);
  });

  it("filters records of a stream in the same language", () => {
    const pattern = { eventName: ["INSERT"], dynamodb: { NewImage: { item_type: { S: ["EVENT"] } } } };
    const record = (eventName: string, type: string) => ({ eventName, dynamodb: { NewImage: { item_type: { S: type } } } });
    expect(
      [record("INSERT", "EVENT"), record("MODIFY", "EVENT"), record("INSERT", "HEAD")].map((item) => matchesEvent(pattern, item)),
    ).toEqual([true, false, false]);
  });

  it("refuses a matcher that it does not know, also inside $or and nested fields, before any event comes", () => {
    expect(() => refuseUnknownMatchers({ detail: { a: { b: [{ regex: ".*" }] } } })).toThrow('{"regex":".*"}');
    expect(() => refuseUnknownMatchers({ $or: [{ source: [{ near: 1 }] }] })).toThrow('{"near":1}');
    expect(() => refuseUnknownMatchers({ source: ["x", { prefix: "y" }], detail: { a: [{ exists: false }] } })).not.toThrow();
  });
});
