import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { WorkflowError } from "../../domain/errors.ts";
import { logger as functionLogger, type Log } from "./logger.ts";
import { failingByName } from "./passing-fault.ts";

/** A Task of the promotion's state machine; its errors go the ways of stepHandler's. */
export function promotionHandler<Input extends { promotion_id: string }, Output>(
  run: (input: Input) => Promise<Output>,
  log: Log = functionLogger,
) {
  return middy<Input, Output>()
    .before(({ event, context }) => {
      log.resetKeys();
      log.appendKeys({ function: context.functionName, promotion_id: event?.promotion_id });
      if (typeof event?.promotion_id !== "string") throw new Error("a step of a promotion needs {promotion_id}");
    })
    .onError(({ error }) => {
      if (error instanceof WorkflowError) log.warn(error.message, { error_name: error.name, reason: error.reason });
      else log.error("step failed unexpectedly", error as Error);
    })
    .handler((input: Input, _context: Context) => failingByName(run(input)));
}
