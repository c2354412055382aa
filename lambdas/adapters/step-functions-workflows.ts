import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Workflow } from "../../domain/operation-kinds.ts";
import type { Workflows } from "../ports/workflows.ts";

/** Longest cause that StopExecution takes. */
const causeLength = 32_768;

export function stepFunctionsWorkflows(client: SFNClient, stateMachines: Record<Workflow, string>): Workflows {
  const execution = (workflow: Workflow, operationId: string) => executionArn(stateMachines[workflow], operationId);
  return {
    async start(workflow, input) {
      const command = new StartExecutionCommand({
        stateMachineArn: stateMachines[workflow],
        name: input.operation_id,
        input: JSON.stringify(input),
      });
      await client.send(command).catch(unless(ExecutionAlreadyExists));
    },
    async stop(workflow, operationId, cause) {
      const command = new StopExecutionCommand({
        executionArn: execution(workflow, operationId),
        error: "Stopped",
        cause: cause.slice(0, causeLength),
      });
      await client.send(command).catch(unless(ExecutionDoesNotExist));
    },
    async status(workflow, operationId) {
      const command = new DescribeExecutionCommand({ executionArn: execution(workflow, operationId) });
      const found = await client.send(command).catch(unless(ExecutionDoesNotExist));
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
  (...ordinary: (new (...given: never[]) => Error)[]) =>
  (error: unknown): undefined => {
    if (!ordinary.some((one) => error instanceof one)) throw error;
  };
