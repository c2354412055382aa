import type { ParallelState } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import { aside, entry } from "../history.ts";
import { runInner } from "../inner-scopes.ts";
import { refuseLarge } from "../limits.ts";
import type { Walk } from "../run.ts";
import type { Departure, Visit } from "../visit.ts";

export async function visitParallel(visit: Visit, state: ParallelState, walk: Walk): Promise<Departure> {
  const { scope } = visit;
  if (scope.pending?.kind !== "branches") {
    const input = state.Arguments === undefined ? scope.input : await visit.evaluate(state.Arguments, "Arguments");
    scope.pending = { kind: "branches", input };
    visit.record([entry("ParallelStateStarted")]);
  }
  const { input } = scope.pending;
  const nothing = { item: visit.frame.item, started: [], succeeded: [], failed: [], aborted: [] };
  const branches = state.Branches.map((graph) => ({ graph, input: async () => input, ...nothing }));
  const result = await runInner(visit, branches, branches.length, walk).catch((error) => {
    throw error instanceof StateFailure ? asBranchFailure(error) : error;
  });
  refuseLarge(result, scope.state);
  const departure = await visit.depart(state, result, { result });
  return { ...departure, entries: [aside(entry("ParallelStateSucceeded"))] };
}

/** Reported by the branch's own error name; a Catch may also say States.BranchFailed. */
const asBranchFailure = ({ error, failureCause, entries, aliases }: StateFailure) =>
  new StateFailure(error, failureCause, { entries, aliases: [...aliases, "States.BranchFailed"] });
