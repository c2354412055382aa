import type { SucceedState } from "../definition.ts";
import type { Departure, Visit } from "../visit.ts";

export const visitSucceed = (visit: Visit, state: SucceedState): Promise<Departure> => visit.depart(state, visit.scope.input);
