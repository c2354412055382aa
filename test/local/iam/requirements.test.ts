import { describe, expect, it } from "vitest";
import type { AwsCall } from "../../../local/aws/service.ts";
import { authorizeCall, requirementsOf } from "../../../local/iam/authorize.ts";
import { Roles } from "../../../local/iam/roles.ts";
import { templateOf } from "../template-of.ts";

const principal = { role_arn: "arn:aws:iam::000000000000:role/App-Role", access_key_id: "ASIATEST" };
const call = (service: string, action: string | null, body: unknown = {}, rest: Partial<AwsCall> = {}): AwsCall => ({
  ...{ service, action, method: "POST", path: "/", query: new URLSearchParams(), headers: {}, principal },
  body: Buffer.from(JSON.stringify(body)),
  ...rest,
});
const keys = new Map([["secrets", { partition: "pk", key_arn: "arn:aws:kms:us-east-1:000000000000:key/k" }]]);
const needs = (given: AwsCall): string[] =>
  requirementsOf(given, keys).map(({ action, resource }) => `${action} ${resource.replace(/^arn:aws:(\w+):(us-east-1)?:(0{12})?:/, "")}`);

describe("what a call needs", () => {
  it.each<[string, AwsCall, string[]]>([
    ["an item of a table", call("dynamodb", "GetItem", { TableName: "orders" }), ["dynamodb:GetItem table/orders"]],
    [
      "a table named by its ARN",
      call("dynamodb", "PutItem", { TableName: "arn:aws:dynamodb:us-east-1:000000000000:table/orders" }),
      ["dynamodb:PutItem table/orders"],
    ],
    [
      "a query of an index",
      call("dynamodb", "Query", { TableName: "orders", IndexName: "by-name" }),
      ["dynamodb:Query table/orders/index/by-name"],
    ],
    ["alarms by name", call("monitoring", "SetAlarmState", { AlarmName: "drift" }), ["cloudwatch:SetAlarmState alarm:drift"]],
    ["all alarms", call("monitoring", "DescribeAlarms", { AlarmNames: ["drift"] }), ["cloudwatch:DescribeAlarms alarm:*"]],
    [
      "alarms of every type",
      call("monitoring", "DescribeAlarms", { AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
      ["cloudwatch:DescribeAlarms *"],
    ],
    [
      "each part of a transaction",
      call("dynamodb", "TransactWriteItems", {
        TransactItems: [
          { Put: { TableName: "a" } },
          { Update: { TableName: "b" } },
          { Delete: { TableName: "a" } },
          { ConditionCheck: { TableName: "c" } },
        ],
      }),
      ["dynamodb:PutItem table/a", "dynamodb:UpdateItem table/b", "dynamodb:DeleteItem table/a", "dynamodb:ConditionCheckItem table/c"],
    ],
    [
      "each table of a batch",
      call("dynamodb", "BatchGetItem", { RequestItems: { a: {}, b: {} } }),
      ["dynamodb:BatchGetItem table/a", "dynamodb:BatchGetItem table/b"],
    ],
    [
      "the key of an encrypted table",
      call("dynamodb", "PutItem", { TableName: "secrets" }),
      ["dynamodb:PutItem table/secrets", "kms:Decrypt key/k"],
    ],
    [
      "no key to describe an encrypted table",
      call("dynamodb", "DescribeTable", { TableName: "secrets" }),
      ["dynamodb:DescribeTable table/secrets"],
    ],
    [
      "an execution",
      call("states", "StopExecution", { executionArn: "arn:aws:states:us-east-1:000000000000:execution:m:x" }),
      ["states:StopExecution execution:m:x"],
    ],
    [
      "the bus of each event",
      call("events", "PutEvents", { Entries: [{ EventBusName: "slipway" }, {}] }),
      ["events:PutEvents event-bus/slipway", "events:PutEvents event-bus/default"],
    ],
    ["an object", call("s3", null, "", { method: "PUT", path: "/bucket/a%20b/c" }), ["s3:PutObject bucket/a b/c"]],
    ["a listing", call("s3", null, "", { method: "GET", path: "/bucket" }), ["s3:ListBucket bucket"]],
    [
      "the source of a copy",
      call("s3", null, "", { method: "PUT", path: "/b/k", headers: { "x-amz-copy-source": "/from/key" } }),
      ["s3:PutObject b/k", "s3:GetObject from/key"],
    ],
    ["a cluster", call("eks", null, "", { method: "GET", path: "/clusters/local" }), ["eks:DescribeCluster cluster/local"]],
    ["nothing to ask who one is", call("sts", null), []],
  ])("%s", (_name, given, expected) => {
    expect(needs(given)).toEqual(expected);
  });

  it("refuses an operation that it cannot weigh", () => {
    expect(() => needs(call("dynamodb", "RestoreTableFromBackup"))).toThrow("does not weigh dynamodb:RestoreTableFromBackup");
    expect(() => needs(call("states", "UpdateStateMachine"))).toThrow("does not know states:UpdateStateMachine");
    expect(() => needs(call("kms", "Encrypt"))).toThrow("no local service kms");
  });
});

describe("a role of the template", () => {
  const roles = new Roles(
    templateOf({
      Role: {
        Type: "AWS::IAM::Role",
        Properties: {
          Policies: [
            { PolicyName: "inline", PolicyDocument: { Statement: { Effect: "Allow", Action: "dynamodb:PutItem", Resource: "*" } } },
          ],
        },
      },
      Policy: {
        Type: "AWS::IAM::Policy",
        Properties: {
          Roles: [{ Ref: "Role" }],
          PolicyDocument: { Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] },
        },
      },
    }),
  );

  it("has what its inline and its attached policies allow", () => {
    expect(() => authorizeCall(call("dynamodb", "PutItem", { TableName: "orders" }), "Writer", roles, keys)).not.toThrow();
    expect(() => authorizeCall(call("s3", null, "", { method: "GET", path: "/b/k" }), "Writer", roles, keys)).not.toThrow();
  });

  it("is refused in words that name function, action and resource", () => {
    expect(() => authorizeCall(call("dynamodb", "GetItem", { TableName: "orders" }), "Writer", roles, keys)).toThrow(
      "User: arn:aws:sts::000000000000:assumed-role/App-Role/Writer is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/orders",
    );
  });

  it("is held to the partitions that a condition names", () => {
    const [need] = requirementsOf(
      call("dynamodb", "UpdateItem", { TableName: "secrets", Key: { pk: { S: "WATCH#c" }, sk: { S: "x" } } }),
      keys,
    );
    expect(need?.context).toEqual({ "dynamodb:leadingkeys": ["WATCH#c"], "dynamodb:attributes": ["pk", "sk"] });
  });

  it.each([
    [
      "what is set, and what is looked at",
      { UpdateExpression: "SET at = :at", ConditionExpression: "attribute_exists(pk) AND seen<:s" },
      "at seen",
    ],
    ["by other names", { UpdateExpression: "REMOVE #a, b", ExpressionAttributeNames: { "#a": "from" } }, "from b"],
    [
      "the first step of a path",
      { UpdateExpression: "SET a.b.#c = if_not_exists(d[0].e, :v) + :w", ExpressionAttributeNames: { "#c": "c" } },
      "a d",
    ],
    ["with every comparison", { ConditionExpression: "NOT size (a) > :b AND b BETWEEN :c AND :d OR (c in (:e,:f))" }, "a b c"],
    ["what is read", { ProjectionExpression: "a, b" }, "a b"],
  ])("says which attributes a call names: %s", (_what, expressions, names) => {
    const [need] = requirementsOf(call("dynamodb", "UpdateItem", { TableName: "orders", Key: { pk: { S: "1" } }, ...expressions }), keys);
    expect(need?.context?.["dynamodb:attributes"]).toEqual(["pk", ...names.split(" ")]);
  });

  it("says of each part of a transaction which partition and attributes it is about", () => {
    const parts = requirementsOf(
      call("dynamodb", "TransactWriteItems", {
        TransactItems: [
          { Delete: { TableName: "secrets", Key: { pk: { S: "A" } } } },
          { Update: { TableName: "secrets", Key: { pk: { S: "B" } }, UpdateExpression: "SET a = :a" } },
        ],
      }),
      keys,
    );
    expect(parts.slice(0, 2).map(({ context }) => context)).toEqual([
      { "dynamodb:leadingkeys": ["A"], "dynamodb:attributes": ["pk"] },
      { "dynamodb:leadingkeys": ["B"], "dynamodb:attributes": ["pk", "a"] },
    ]);
  });

  it.each([
    ["of the table", { KeyConditionExpression: "pk = :pk" }, ["SEARCHES"]],
    [
      "of a part of it, by other names",
      { KeyConditionExpression: "#p=:pk AND begins_with(sk, :b)", ExpressionAttributeNames: { "#p": "pk" } },
      ["SEARCHES"],
    ],
    ["of an index, whose partition is another attribute", { IndexName: "by-group", KeyConditionExpression: "pk = :pk" }, undefined],
  ])("says which partition a query is about: %s", (_what, query, partition) => {
    const [need] = requirementsOf(
      call("dynamodb", "Query", {
        TableName: "secrets",
        ExpressionAttributeValues: { ":pk": { S: "SEARCHES" }, ":b": { S: "x" } },
        ...query,
      }),
      keys,
    );
    expect(need?.context?.["dynamodb:leadingkeys"]).toEqual(partition);
  });

  it("is refused the encrypted table when it lacks the key", () => {
    expect(() => authorizeCall(call("dynamodb", "PutItem", { TableName: "secrets" }), "Writer", roles, keys)).toThrow("kms:Decrypt");
  });

  it("binds nobody else: the person at the keyboard may do everything", () => {
    const person = { principal: { role_arn: null, access_key_id: "any" } };
    expect(() => authorizeCall(call("dynamodb", "GetItem", { TableName: "secrets" }, person), "person", roles, keys)).not.toThrow();
  });
});
