import { describe, expect, it } from "vitest";
import { functionSettings } from "../../lambdas/runtime/settings.ts";
import { trustVariables } from "../../lib/toolkit/authorities.ts";
import { constructOf, list, statementsByRole, synthesize } from "./synthesized.ts";

const synthesized = synthesize();
const statements = statementsByRole(synthesized);
const functions = synthesized.ofType("AWS::Lambda::Function").map(([, resource]) => resource);
const functionNames = Object.keys(functionSettings);

describe("settings", () => {
  it("are those that each function's code reads, no more and no less, beside whom it trusts", () => {
    const given = functions.map((each) => [constructOf(each), Object.keys(each.Properties.Environment?.Variables ?? {}).sort()]);
    const read = Object.entries(functionSettings).map(([name, settings]) => [name, [...settings, ...Object.keys(trustVariables)].sort()]);
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(read));
  });

  it("hold no secret: a value is a name, an address or the configuration's own text", () => {
    for (const { Properties } of functions) {
      for (const [name, value] of Object.entries(Properties.Environment?.Variables ?? {})) {
        const plain =
          name in trustVariables ||
          ["ENVIRONMENTS", "FRESHNESS", "GROUPS_CLAIM", "ENDPOINT_BASE_URL", "ENDPOINTS_LOG_RETENTION_DAYS", "REPORTS"].includes(name);
        expect(plain || typeof value === "object", `${name} is literal text`).toBe(true);
      }
    }
  });
});

describe("permissions", () => {
  /** What a function may do beyond what every one may: write its own log and its trace. */
  const actionsOf = (name: string): string[] =>
    (statements[`${name}Role`] ?? [])
      .flatMap(({ Action }) => list(Action))
      .filter((action) => !action.startsWith("logs:") && !action.startsWith("xray:"))
      .filter((action, index, all) => all.indexOf(action) === index)
      .sort();

  it("are these", () => {
    const actions = Object.fromEntries(functionNames.map((name) => [name, actionsOf(name).join(" ")]));
    expect(actions).toMatchInlineSnapshot(`
      {
        "AuthorizeClient": "dynamodb:GetItem dynamodb:UpdateItem",
        "AwaitApproval": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem states:SendTaskSuccess",
        "AwaitReady": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster lambda:InvokeFunction s3:PutObject",
        "Bake": "cloudwatch:DescribeAlarms dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster lambda:InvokeFunction",
        "ChangePromotions": "dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem states:DescribeExecution states:SendTaskSuccess states:StartExecution states:StopExecution",
        "ChangeRecord": "dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem kms:Decrypt kms:Encrypt kms:GenerateDataKey lambda:InvokeFunction states:StartExecution states:StopExecution",
        "CollectMetrics": "dynamodb:BatchWriteItem eks:DescribeCluster sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage",
        "Complete": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem",
        "CompletePromotion": "dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem states:StartExecution states:StopExecution",
        "CompleteShutdown": "dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem kms:Decrypt",
        "DeployVersion": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem kms:Decrypt kms:Encrypt kms:GenerateDataKey states:StartExecution states:StopExecution",
        "DescribeApi": "",
        "EnsureCapacity": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster",
        "InspectCluster": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster lambda:InvokeFunction",
        "MaskSecrets": "dynamodb:GetItem kms:Decrypt",
        "OpenGate": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem",
        "Preflight": "eks:DescribeCluster",
        "Prepare": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster",
        "ProbeServer": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster lambda:InvokeFunction s3:PutObject",
        "ProvisionSlot": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster kms:Decrypt",
        "PublishEvents": "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams events:PutEvents sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage",
        "RaiseAlerts": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage",
        "ReadLogs": "dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query eks:DescribeCluster lambda:InvokeFunction s3:GetObject s3:PutObject",
        "ReadMetrics": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query",
        "ReadRecord": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query",
        "ReceiveEvent": "dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage states:DescribeExecution states:SendTaskSuccess states:StartExecution states:StopExecution",
        "ReceiveReport": "dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem states:DescribeExecution states:SendTaskSuccess states:StartExecution states:StopExecution",
        "ReceiveWebhook": "dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem states:DescribeExecution states:SendTaskSuccess states:StartExecution states:StopExecution",
        "RecordFailure": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem",
        "RecordPromotionFailure": "dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem states:StartExecution states:StopExecution",
        "RecordVerification": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem",
        "ResolveVersion": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query",
        "RetireSlot": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster",
        "SendSmokeTests": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster lambda:InvokeFunction s3:PutObject",
        "ShiftTraffic": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster",
        "StopSearches": "dynamodb:DeleteItem dynamodb:Query sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage",
        "Sync": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster lambda:InvokeFunction s3:PutObject sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage states:DescribeExecution states:SendTaskSuccess states:StartExecution states:StopExecution",
        "TakeRouteAway": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster",
        "Watch": "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem eks:DescribeCluster lambda:InvokeFunction s3:PutObject sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage",
        "WriteLogExport": "lambda:InvokeFunction s3:PutObject sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage",
      }
    `);
  });

  it("let only ProvisionSlot and MaskSecrets read secret values, only ChangeRecord and DeployVersion write them, only CompleteShutdown remove them", () => {
    const onSecrets = (name: string) =>
      (statements[`${name}Role`] ?? [])
        .filter(({ Resource }) => JSON.stringify(Resource).includes("SecretsTable"))
        .flatMap(({ Action }) => list(Action))
        .filter((action) => action.startsWith("dynamodb:"));
    expect(Object.fromEntries(functionNames.map((name) => [name, onSecrets(name)]).filter(([, actions]) => actions?.length))).toEqual({
      ChangeRecord: ["dynamodb:PutItem"],
      CompleteShutdown: ["dynamodb:DeleteItem"],
      DeployVersion: ["dynamodb:PutItem"],
      MaskSecrets: ["dynamodb:GetItem"],
      ProvisionSlot: ["dynamodb:GetItem"],
    });
  });

  it("let InspectCluster write nothing of the record but that somebody looks", () => {
    const writes = (statements.InspectClusterRole ?? []).filter(({ Action }) => list(Action).includes("dynamodb:UpdateItem"));
    expect(writes.map(({ Condition }) => Condition)).toEqual([
      { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["WATCH#*"] }, Null: { "dynamodb:LeadingKeys": "false" } },
    ]);
  });

  it("let those who search logs write nothing of the record but which searches are awaited", () => {
    const conditionsOf = (name: string) =>
      (statements[`${name}Role`] ?? [])
        .filter(({ Action }) => list(Action).includes("dynamodb:DeleteItem"))
        .map(({ Action, Condition }) => [list(Action), Condition]);
    const inSearches = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["SEARCHES"] }, Null: { "dynamodb:LeadingKeys": "false" } };
    expect(conditionsOf("ReadLogs")).toEqual([[["dynamodb:DeleteItem", "dynamodb:PutItem"], inSearches]]);
    expect(conditionsOf("StopSearches")).toEqual([[["dynamodb:DeleteItem", "dynamodb:Query"], inSearches]]);
  });

  it("let AuthorizeClient write nothing of the record but when a client was last used", () => {
    const conditionsOf = (action: string) =>
      (statements.AuthorizeClientRole ?? []).filter(({ Action }) => list(Action).includes(action)).map(({ Condition }) => Condition);
    expect(conditionsOf("dynamodb:UpdateItem")).toEqual([
      {
        "ForAllValues:StringLike": {
          "dynamodb:LeadingKeys": ["DEPLOYMENT#*"],
          "dynamodb:Attributes": ["pk", "sk", "last_used_at"],
        },
        Null: { "dynamodb:LeadingKeys": "false", "dynamodb:Attributes": "false" },
      },
    ]);
    expect(conditionsOf("dynamodb:GetItem")).toMatchObject([
      { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["ID#*", "DEPLOYMENT#*"] } },
    ]);
  });

  it("let who changes deployments remove nothing of the record outside their partitions, where only clients are removed", () => {
    for (const name of ["ChangeRecord", "CompleteShutdown"]) {
      const removing = (statements[`${name}Role`] ?? []).filter(
        ({ Action, Resource }) => list(Action).includes("dynamodb:DeleteItem") && JSON.stringify(Resource).includes("RecordTable"),
      );
      expect(removing.map(({ Condition }) => Condition)).toEqual([
        { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["DEPLOYMENT#*"] }, Null: { "dynamodb:LeadingKeys": "false" } },
      ]);
    }
  });

  it("let ReadMetrics ask the access log of the endpoints and no other log", () => {
    const asked = (statements.ReadMetricsRole ?? []).filter(({ Action }) => list(Action).includes("logs:StartQuery"));
    const group = synthesized.ofType("AWS::Logs::LogGroup").find(([, each]) => constructOf(each) === "EndpointsApiAccessLogs")?.[0];
    expect(asked.map(({ Action, Resource }) => [list(Action), Resource])).toEqual([
      [["logs:StartQuery"], { "Fn::GetAtt": [group, "Arn"] }],
    ]);
    const reader = functions.find((each) => constructOf(each) === "ReadMetrics");
    const { ENDPOINTS_LOG_GROUP_NAME, ENDPOINTS_LOG_RETENTION_DAYS } = reader?.Properties.Environment.Variables ?? {};
    expect([ENDPOINTS_LOG_GROUP_NAME, ENDPOINTS_LOG_RETENTION_DAYS]).toEqual([{ Ref: group }, "30"]);
  });

  it("are for any resource only where the action knows none", () => {
    const unbounded = Object.values(statements)
      .flat()
      .filter(({ Resource }) => list(Resource).includes("*"))
      .flatMap(({ Action }) => list(Action));
    expect([...new Set(unbounded)].sort()).toEqual([
      "cloudwatch:DescribeAlarms",
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:GetQueryResults",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:StopQuery",
      "logs:UpdateLogDelivery",
      "states:SendTaskSuccess",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]);
  });

  it("name every action: no wildcard", () => {
    const actions = Object.values(statements)
      .flat()
      .flatMap(({ Action }) => list(Action));
    expect(actions.filter((action) => action.includes("*"))).toEqual([]);
  });

  it("come from each function's own role, without managed policies", () => {
    const roles = functions.map(({ Properties }) => Properties.Role["Fn::GetAtt"][0]);
    expect(new Set(roles).size).toBe(functionNames.length);
    for (const role of roles) expect(synthesized.resources[role]?.Properties.ManagedPolicyArns).toBeUndefined();
  });
});

describe("functions", () => {
  it("state everything that Lambda would otherwise choose", () => {
    expect(functions.map(constructOf).sort()).toEqual([...functionNames].sort());
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], Handler: "index.handler" });
      expect(Properties.Timeout).toBeGreaterThan(0);
      expect(Properties.MemorySize).toBeGreaterThanOrEqual(512);
      const logGroup = synthesized.resources[Properties.LoggingConfig.LogGroup.Ref];
      expect(logGroup?.Properties.RetentionInDays).toBe(30);
    }
  });
});
