import type { ChoiceState, Json } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import type { Departure, Visit } from "../visit.ts";

const isTruth = (value: Json): value is boolean => typeof value === "boolean";

/** The first rule that holds; its own Assign and Output, not the state's, which belong to Default. */
export async function visitChoice(visit: Visit, state: ChoiceState): Promise<Departure> {
  for (const [index, rule] of state.Choices.entries()) {
    const holds = await visit.evaluateAs(rule.Condition, `Choices[${index}]/Condition`, "boolean", isTruth);
    if (holds) return visit.depart(rule, visit.scope.input, {}, `Choices[${index}]/`);
  }
  if (state.Default === undefined)
    throw new StateFailure("States.NoChoiceMatched", `No rule of the state '${visit.scope.state}' holds, and it has no Default.`);
  return visit.depart({ ...state, Next: state.Default }, visit.scope.input);
}
