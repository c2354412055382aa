import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import type { PromotionWorkflow } from "../ports/promotion-workflow.ts";
import { executionArn, unless } from "./step-functions-workflows.ts";

export function stepFunctionsPromotions(client: SFNClient, stateMachineArn: string): PromotionWorkflow {
  const execution = (id: string) => executionArn(stateMachineArn, id);
  return {
    async start(id) {
      const input = JSON.stringify({ promotion_id: id });
      await client.send(new StartExecutionCommand({ stateMachineArn, name: id, input })).catch(unless(ExecutionAlreadyExists));
    },
    async stop(id, cause) {
      const command = new StopExecutionCommand({ executionArn: execution(id), error: "Stopped", cause: cause.slice(0, 1000) });
      await client.send(command).catch(unless(ExecutionDoesNotExist));
    },
    async status(id) {
      const command = new DescribeExecutionCommand({ executionArn: execution(id) });
      const found = await client.send(command).catch(unless(ExecutionDoesNotExist));
      return found?.status === "PENDING_REDRIVE" ? "RUNNING" : found?.status;
    },
    wake: (taskToken) => wakeTask(client, taskToken),
  };
}

/** The token says for itself which execution it belongs to: who only wakes needs not know the machine. */
export async function wakeTask(client: SFNClient, taskToken: string): Promise<void> {
  const command = new SendTaskSuccessCommand({ taskToken, output: "{}" });
  await client.send(command).catch(unless(TaskTimedOut, InvalidToken, TaskDoesNotExist));
}
