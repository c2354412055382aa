import type { DescribeExecutionOutput, StartExecutionInput, StopExecutionInput } from "@aws-sdk/client-sfn";
import type { Workflow } from "../../domain/operation-kinds.ts";
import type { Workflows } from "../ports/workflows.ts";
import type { AwsCall } from "../runtime/aws-json.ts";

/** Longest cause that StopExecution takes. */
const causeLength = 32_768;

export function stepFunctionsWorkflows(call: AwsCall, stateMachines: Record<Workflow, string>): Workflows {
  const execution = (workflow: Workflow, operationId: string) => executionArn(stateMachines[workflow], operationId);
  return {
    async start(workflow, input) {
      const asked: StartExecutionInput = {
        stateMachineArn: stateMachines[workflow],
        name: input.operation_id,
        input: JSON.stringify(input),
      };
      await call("StartExecution", asked).catch(unless("ExecutionAlreadyExists"));
    },
    async stop(workflow, operationId, cause) {
      const asked: StopExecutionInput = {
        executionArn: execution(workflow, operationId),
        error: "Stopped",
        cause: cause.slice(0, causeLength),
      };
      await call("StopExecution", asked).catch(unless("ExecutionDoesNotExist"));
    },
    async status(workflow, operationId) {
      const found = await call<DescribeExecutionOutput>("DescribeExecution", { executionArn: execution(workflow, operationId) }).catch(
        unless("ExecutionDoesNotExist"),
      );
      // Redrive is never asked for by us; an execution somebody redrives by hand runs.
      return found?.status === "PENDING_REDRIVE" ? "RUNNING" : found?.status;
    },
  };
}

/** arn:…:stateMachine:<name> → arn:…:execution:<name>:<execution> */
export function executionArn(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
}

/** Those errors are ordinary answers here; every other one is the caller's. */
export const unless =
  (...ordinary: string[]) =>
  (error: Error): undefined => {
    if (!ordinary.includes(error.name)) throw error;
  };
