import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { type Invocation, invocation } from "./invocation.ts";
import { logger as functionLogger, type Log } from "./logger.ts";

/** A function that a schedule, a stream or the bus invokes. What it throws is logged once and left to the source's own retries. */
export function eventHandler<Event, Result>(handle: (event: Event, invocation: Invocation) => Promise<Result>, log: Log = functionLogger) {
  return middy<Event, Result>()
    .before(({ context }) => {
      log.resetKeys();
      log.appendKeys({ function: context.functionName, aws_request_id: context.awsRequestId });
    })
    .onError(({ error }) => log.error("event could not be handled", error as Error))
    .handler((event: Event, context: Context) => handle(event, invocation(context)));
}
