import type { PassState } from "../definition.ts";
import type { Departure, Visit } from "../visit.ts";

export const visitPass = (visit: Visit, state: PassState): Promise<Departure> => visit.depart(state, visit.scope.input);
