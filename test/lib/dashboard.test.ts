import { expect, it } from "vitest";
import { functionSettings } from "../../lambdas/runtime/settings.ts";
import { synthesize } from "./synthesized.ts";

const { ofType } = synthesize();
const [, board] = ofType("AWS::CloudWatch::Dashboard")[0] ?? [];
const text = JSON.stringify(board?.Properties.DashboardBody);

it("shows every function, workflow and dead-letter queue", () => {
  const counted = (metric: string) => text.split(`\\"${metric}\\"`).length - 1;
  expect(counted("Throttles")).toBe(Object.keys(functionSettings).length);
  expect(counted("ExecutionsFailed")).toBe(ofType("AWS::StepFunctions::StateMachine").length);
  expect(counted("ApproximateNumberOfMessagesVisible")).toBe(ofType("AWS::SQS::Queue").length);
});

it("shows how the API answers, and how late events are", () => {
  for (const metric of ["5xx", "4xx", "Latency", "IteratorAge"]) expect(text).toContain(`\\"${metric}\\"`);
});
