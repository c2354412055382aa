import { StateFailure } from "../errors.ts";
import { entry, lambdaFailed, lambdaScheduled, lambdaSucceeded, lambdaTimedOut } from "../history.ts";
import { invokeFunction } from "./invocation.ts";
import type { TaskResource } from "./resource.ts";

/** The function's ARN as Resource: Arguments are the payload, the payload is the result. */
export function lambdaFunction(arn: string): TaskResource {
  return {
    waitsForToken: false,
    parameters: null,
    scheduled: (task) => [lambdaScheduled(arn, task.arguments, task.timeout), entry("LambdaFunctionStarted")],
    timedOut: lambdaTimedOut,
    async perform({ visit, arguments: payload }) {
      try {
        const result = await invokeFunction(visit, arn, payload, arn);
        return { result, entries: [lambdaSucceeded(result)] };
      } catch (error) {
        if (error instanceof StateFailure) error.entries.push(lambdaFailed(error.error, error.failureCause));
        throw error;
      }
    },
  };
}
