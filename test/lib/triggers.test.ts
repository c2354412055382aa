import { expect, it } from "vitest";
import { synthesize, type TemplateResource } from "./synthesized.ts";

const { ofType, resources } = synthesize();
const only = (type: string) => {
  const found = ofType(type);
  expect(found).toHaveLength(1);
  return (found[0] as [string, TemplateResource])[1].Properties;
};
const rules = () => ofType("AWS::Events::Rule").map(([, { Properties }]) => Properties);
const scheduled = () => rules().find(({ ScheduleExpression }) => ScheduleExpression);
const isQueue = (reference: { "Fn::GetAtt": string[] }) =>
  expect(resources[reference["Fn::GetAtt"][0] as string]?.Type).toBe("AWS::SQS::Queue");

it("publishes the record's events from its stream, losing none", () => {
  const mapping = only("AWS::Lambda::EventSourceMapping");
  expect(mapping).toMatchObject({
    StartingPosition: "TRIM_HORIZON",
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ["ReportBatchItemFailures"],
  });
  expect(mapping.EventSourceArn["Fn::GetAtt"][1]).toBe("StreamArn");
  isQueue(mapping.DestinationConfig.OnFailure.Destination);
  expect(JSON.parse(mapping.FilterCriteria.Filters[0].Pattern)).toEqual({
    eventName: ["INSERT"],
    dynamodb: { NewImage: { item_type: { S: ["EVENT"] } } },
  });
});

it("runs Sync each minute, one at a time, done before the next tick", () => {
  const rule = scheduled();
  expect(rule).toMatchObject({ ScheduleExpression: "rate(1 minute)", State: "ENABLED" });
  const sync = resources[rule.Targets[0].Arn["Fn::GetAtt"][0]];
  expect(sync?.Properties.ReservedConcurrentExecutions).toBe(1);
  expect(sync?.Properties.Timeout).toBeLessThan(60);
});

it("keeps what the schedule could not deliver and what Sync could not do", () => {
  for (const rule of rules()) isQueue(rule.Targets[0].DeadLetterConfig.Arn);
  for (const [, { Properties }] of ofType("AWS::Lambda::EventInvokeConfig")) isQueue(Properties.DestinationConfig.OnFailure.Destination);
});

it("lets a run of Watch start its successor, as often as it takes", () => {
  const watch = ofType("AWS::Lambda::Function").find(([id]) => id.startsWith("Watch"));
  expect(watch?.[1].Properties).toMatchObject({ RecursiveLoop: "Allow", Timeout: 870 });
  const itself = { "Fn::GetAtt": [watch?.[0], "Arn"] };
  const starters = ofType("AWS::IAM::Policy").filter(([, { Properties }]) => JSON.stringify(Properties).includes(JSON.stringify(itself)));
  expect(starters.map(([id]) => id.replace(/[0-9A-F]{8}$/, "")).sort()).toEqual([
    "ClusterWatchesSuccession",
    "InspectClusterRoleDefaultPolicy",
    "SyncRoleDefaultPolicy",
  ]);
});

it("tells the topic of alerts, over TLS alone, and keeps what the topic does not take", () => {
  const rule = rules().find(({ EventPattern }) => EventPattern?.["detail-type"]?.includes("Alert Raised"));
  expect(rule.EventPattern).toEqual({ source: ["slipway"], "detail-type": ["Alert Raised", "Alert Resolved"] });
  expect(resources[rule.Targets[0].Arn.Ref]?.Type).toBe("AWS::SNS::Topic");
  const [statement] = only("AWS::SNS::TopicPolicy").PolicyDocument.Statement;
  expect(statement).toMatchObject({ Effect: "Deny", Action: "sns:Publish", Condition: { Bool: { "aws:SecureTransport": "false" } } });
});

it("hears of training jobs, and of its own registrations and ended promotions, on its own bus", () => {
  const patterns = rules().flatMap(({ EventPattern, EventBusName }) =>
    EventPattern ? [{ ...EventPattern, own: EventBusName !== undefined }] : [],
  );
  expect(patterns).toContainEqual({ source: ["model-studio"], "detail-type": ["Training Job State Change"], own: true });
  expect(patterns).toContainEqual({ source: ["slipway"], "detail-type": ["Model Version Registered", "Promotion Ended"], own: true });
});
