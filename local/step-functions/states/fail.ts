import type { FailState, Json } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import type { Visit } from "../visit.ts";

const isText = (value: Json): value is string => typeof value === "string";

export async function visitFail(visit: Visit, state: FailState): Promise<never> {
  const error = state.Error === undefined ? null : await visit.evaluateAs(state.Error, "Error", "string", isText);
  const cause = state.Cause === undefined ? null : await visit.evaluateAs(state.Cause, "Cause", "string", isText);
  throw new StateFailure(error, cause);
}
