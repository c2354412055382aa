import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { WorkflowError } from "../../domain/errors.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { type Invocation, invocation } from "./invocation.ts";
import { logger as functionLogger, type Log } from "./logger.ts";
import { failingByName } from "./passing-fault.ts";

/**
 * A Task of a state machine. A `WorkflowError` reaches Catch and Retry by its name, and so does a passing fault of an AWS
 * service; anything else is a defect, is logged with its stack and fails the Task under its own name.
 */
export function stepHandler<Input extends WorkflowInput, Output>(
  run: (input: Input, invocation: Invocation) => Promise<Output>,
  log: Log = functionLogger,
) {
  return middy<Input, Output>()
    .before(({ event, context }) => {
      log.resetKeys();
      log.appendKeys({ function: context.functionName, uid: event.uid, operation_id: event.operation_id, epoch: event.epoch });
      requireIds(event);
    })
    .onError(({ error }) => {
      if (error instanceof WorkflowError) log.warn(error.message, { error_name: error.name, reason: error.reason });
      else log.error("step failed unexpectedly", error as Error);
    })
    .handler((input: Input, context: Context) => failingByName(run(input, invocation(context))));
}

function requireIds(input: WorkflowInput): void {
  const complete = typeof input?.uid === "string" && typeof input.operation_id === "string" && typeof input.epoch === "number";
  if (!complete)
    throw new Error(`a step needs {uid, operation_id, epoch}; given were the fields ${Object.keys(input ?? {}).join(", ") || "(none)"}`);
}
