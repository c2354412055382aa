import { describe, expect, it } from "vitest";
import { WorkflowError } from "../../domain/errors.ts";
import { KubernetesError } from "../../lambdas/ports/cluster.ts";
import { causeOf } from "../../lambdas/rollout/failure-cause.ts";
import { withTaskErrors } from "../../lambdas/rollout/task-errors.ts";

const lambda = (errorType: string, errorMessage: string) => JSON.stringify({ errorType, errorMessage, trace: [] });

describe("the cause of a failure", () => {
  it.each([
    [
      "a step's own error",
      { Error: "SlotFailed", Cause: lambda("SlotFailed", "ImagePullBackOff: cannot be pulled: not found") },
      "ImagePullBackOff",
      "cannot be pulled: not found",
    ],
    [
      "a message with a colon of its own",
      { Error: "ClusterRefused", Cause: lambda("ClusterRefused", "Forbidden: pods: exceeded quota") },
      "Forbidden",
      "pods: exceeded quota",
    ],
    ["a defect", { Error: "TypeError", Cause: lambda("TypeError", "x is not a function") }, "TypeError", "x is not a function"],
    ["Step Functions' own words", { Error: "States.Timeout", Cause: "" }, "StatesTimeout", "the step ended with States.Timeout"],
    ["an error without a cause", { Error: "States.Runtime" }, "StatesRuntime", "the step ended with States.Runtime"],
    ["a cause that was cut", { Error: "Oops", Cause: '{"errorType":"Oo' }, "Oops", '{"errorType":"Oo'],
  ])("is read from %s", (_what, failure, reason, message) => {
    expect(causeOf(failure)).toEqual({ reason, message });
  });

  it("is read out of a nested execution", () => {
    const nested = {
      ExecutionArn: "arn",
      Status: "FAILED",
      Error: "SmokeTestFailed",
      Cause: lambda("SmokeTestFailed", "SmokeTestFailed: known-card: answered 500"),
    };
    expect(causeOf({ Error: "States.TaskFailed", Cause: JSON.stringify(nested) })).toEqual({
      reason: "SmokeTestFailed",
      message: "known-card: answered 500",
    });
    expect(causeOf({ Error: "States.TaskFailed", Cause: JSON.stringify({ ExecutionArn: "arn", Status: "ABORTED" }) })).toEqual({
      reason: "ExecutionABORTED",
      message: "the step ended with Execution.ABORTED",
    });
  });

  it("survives the way through Lambda", async () => {
    const step = withTaskErrors(async (error: Error) => {
      throw error;
    });
    const thrown = async (error: Error) => (await step(error).catch((caught: Error) => caught)) as unknown as Error;
    const over = async (error: Error) => {
      const { name, message } = await thrown(error);
      return causeOf({ Error: name, Cause: lambda(name, message) });
    };
    expect(await over(new WorkflowError("SlotFailed", "OOMKilled", "out of memory"))).toEqual({
      reason: "OOMKilled",
      message: "out of memory",
    });
    expect(await over(new KubernetesError(403, "Forbidden", "exceeded quota"))).toEqual({ reason: "Forbidden", message: "exceeded quota" });
    expect((await thrown(new KubernetesError(403, "Forbidden", "exceeded quota"))).name).toBe("ClusterRefused");
  });
});
