import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { stepFunctionsWorkflows } from "../../lambdas/adapters/step-functions-workflows.ts";

const sfn = mockClient(SFNClient);
beforeEach(() => sfn.reset());

const arn = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
const execution = "arn:aws:states:us-east-1:000000000000:execution:shutdown-1:01O";
const workflows = stepFunctionsWorkflows(new SFNClient({ region: "us-east-1" }), {
  rollout: arn("rollout-1"),
  rollback: arn("rollback-1"),
  shutdown: arn("shutdown-1"),
  verification: arn("verification"),
});
const input = { uid: "01U", operation_id: "01O", epoch: 3 };
const error = (Class: new (given: { message: string; $metadata: object }) => Error) => new Class({ message: "no", $metadata: {} });

describe("workflows on Step Functions", () => {
  it("are started by the operation's id, with ids only", async () => {
    sfn.on(StartExecutionCommand).resolves({});
    await workflows.start("rollout", input);
    expect(sfn.call(0).args[0].input).toEqual({ stateMachineArn: arn("rollout-1"), name: "01O", input: JSON.stringify(input) });
  });

  it("are started once: an execution of that name is no error", async () => {
    sfn.on(StartExecutionCommand).rejects(error(ExecutionAlreadyExists));
    await expect(workflows.start("rollout", input)).resolves.toBeUndefined();
    sfn.on(StartExecutionCommand).rejects(new Error("throttled"));
    await expect(workflows.start("rollout", input)).rejects.toThrow("throttled");
  });

  it("are stopped by the execution's ARN; one that never was is no error", async () => {
    sfn.on(StopExecutionCommand).rejects(error(ExecutionDoesNotExist));
    await expect(workflows.stop("shutdown", "01O", "x".repeat(40_000))).resolves.toBeUndefined();
    expect(sfn.call(0).args[0].input).toMatchObject({ executionArn: execution, cause: "x".repeat(32_768) });
  });

  it("have a status, or none", async () => {
    sfn
      .on(DescribeExecutionCommand, { executionArn: execution })
      .resolvesOnce({ status: "TIMED_OUT" })
      .rejects(error(ExecutionDoesNotExist));
    expect(await workflows.status("shutdown", "01O")).toBe("TIMED_OUT");
    expect(await workflows.status("shutdown", "01O")).toBeUndefined();
  });
});
