import type { DescribeExecutionOutput, SendTaskSuccessInput, StartExecutionInput, StopExecutionInput } from "@aws-sdk/client-sfn";
import type { PromotionWorkflow } from "../ports/promotion-workflow.ts";
import type { AwsCall } from "../runtime/aws-json.ts";
import { executionArn, unless } from "./step-functions-workflows.ts";

export function stepFunctionsPromotions(call: AwsCall, stateMachineArn: string): PromotionWorkflow {
  const execution = (id: string) => executionArn(stateMachineArn, id);
  return {
    async start(id, group) {
      const asked: StartExecutionInput = { stateMachineArn, name: id, input: JSON.stringify({ promotion_id: id, group }) };
      await call("StartExecution", asked).catch(unless("ExecutionAlreadyExists"));
    },
    async stop(id, cause) {
      const asked: StopExecutionInput = { executionArn: execution(id), error: "Stopped", cause: cause.slice(0, 1000) };
      await call("StopExecution", asked).catch(unless("ExecutionDoesNotExist"));
    },
    async status(id) {
      const asked = { executionArn: execution(id) };
      const found = await call<DescribeExecutionOutput>("DescribeExecution", asked).catch(unless("ExecutionDoesNotExist"));
      return found?.status === "PENDING_REDRIVE" ? "RUNNING" : found?.status;
    },
    wake: (taskToken) => wakeTask(call, taskToken),
  };
}

/** The token says for itself which execution it belongs to: who only wakes needs not know the machine. */
export async function wakeTask(call: AwsCall, taskToken: string): Promise<void> {
  const asked: SendTaskSuccessInput = { taskToken, output: "{}" };
  await call("SendTaskSuccess", asked).catch(unless("TaskTimedOut", "InvalidToken", "TaskDoesNotExist"));
}
