import type { FailState, Json } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import type { Visit } from "../visit.ts";

const isText = (value: Json): value is string => typeof value === "string";

/** Names of errors that only Step Functions itself may give. */
export const isReservedName = (error: string): boolean => error.startsWith("States.");

export async function visitFail(visit: Visit, state: FailState): Promise<never> {
  const error = state.Error === undefined ? null : await visit.evaluateAs(state.Error, "Error", "string", isText);
  const cause = state.Cause === undefined ? null : await visit.evaluateAs(state.Cause, "Cause", "string", isText);
  if (error !== null && isReservedName(error))
    throw new StateFailure(
      "States.Runtime",
      `The Error of the state '${visit.scope.state}' is '${error}', but names that begin with 'States.' are reserved. Its Cause is: ${cause}`,
    );
  throw new StateFailure(error, cause);
}
