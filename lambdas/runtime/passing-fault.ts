import { WorkflowError } from "../../domain/errors.ts";
import { AwsError, isPassing, isPassingCancellation } from "./aws-error.ts";
import { NoAnswer } from "./aws-exchange.ts";

/**
 * A step's error under the name that its state machine knows: what a service of AWS did not do for a passing reason is
 * `ServiceUnavailable`, and tried again; every other error stays what it is.
 */
export function asStepFails(error: unknown): unknown {
  const isPassingFault = error instanceof NoAnswer || (error instanceof AwsError && (isPassing(error) || isPassingCancellation(error)));
  // Lambda passes on a name and a message and nothing else: the reason goes before the message.
  return isPassingFault ? new WorkflowError("ServiceUnavailable", error.name, `${error.name}: ${error.message}`) : error;
}

/** A Task's step, failing by those names. */
export const failingByName = <T>(step: Promise<T>): Promise<T> =>
  step.catch((error: unknown) => {
    throw asStepFails(error);
  });
