import { describe, expect, it } from "vitest";
import { stepFunctionsWorkflows } from "../../lambdas/adapters/step-functions-workflows.ts";
import { AwsError } from "../../lambdas/runtime/aws-error.ts";
import { answering } from "../doubles/aws-calls.ts";

const arn = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
const execution = "arn:aws:states:us-east-1:000000000000:execution:shutdown-1:01O";
const stateMachines = {
  rollout: arn("rollout-1"),
  rollback: arn("rollback-1"),
  shutdown: arn("shutdown-1"),
  verification: arn("verification"),
};
function workflowsThat(answer: () => unknown) {
  const { call, asked } = answering(answer);
  return { workflows: stepFunctionsWorkflows(call, stateMachines), asked };
}
const refusing = (error: Error) => () => {
  throw error;
};
const input = { uid: "01U", operation_id: "01O", epoch: 3 };

describe("workflows on Step Functions", () => {
  it("are started by the operation's id, with ids only", async () => {
    const { workflows, asked } = workflowsThat(() => ({}));
    await workflows.start("rollout", input);
    const given = { stateMachineArn: arn("rollout-1"), name: "01O", input: JSON.stringify(input) };
    expect(asked).toEqual([{ action: "StartExecution", input: given }]);
  });

  it("are started once: an execution of that name is no error", async () => {
    const again = workflowsThat(refusing(new AwsError("ExecutionAlreadyExists", "it is there", {})));
    await expect(again.workflows.start("rollout", input)).resolves.toBeUndefined();
    const throttled = workflowsThat(refusing(new AwsError("ThrottlingException", "throttled", {})));
    await expect(throttled.workflows.start("rollout", input)).rejects.toThrow("throttled");
  });

  it("are stopped by the execution's ARN; one that never was is no error", async () => {
    const { workflows, asked } = workflowsThat(refusing(new AwsError("ExecutionDoesNotExist", "it is not there", {})));
    await expect(workflows.stop("shutdown", "01O", "x".repeat(40_000))).resolves.toBeUndefined();
    const given = { executionArn: execution, error: "Stopped", cause: "x".repeat(32_768) };
    expect(asked).toEqual([{ action: "StopExecution", input: given }]);
  });

  it("have a status, or none", async () => {
    const ended = workflowsThat(() => ({ status: "TIMED_OUT" }));
    expect(await ended.workflows.status("shutdown", "01O")).toBe("TIMED_OUT");
    expect(ended.asked).toEqual([{ action: "DescribeExecution", input: { executionArn: execution } }]);
    const none = workflowsThat(refusing(new AwsError("ExecutionDoesNotExist", "it is not there", {})));
    expect(await none.workflows.status("shutdown", "01O")).toBeUndefined();
  });
});
