import type { Json, MapState } from "../definition.ts";
import { aside, entry, mapIteration, mapStateStarted } from "../history.ts";
import { type Inner, runInner } from "../inner-scopes.ts";
import { refuseLarge } from "../limits.ts";
import type { Walk } from "../run.ts";
import type { Departure, Visit } from "../visit.ts";

/** Iterations of an inline Map that may run at once. */
const INLINE_CONCURRENCY = 40;

const isList = (value: Json): value is Json[] => Array.isArray(value);

export async function visitMap(visit: Visit, state: MapState, walk: Walk): Promise<Departure> {
  const { scope } = visit;
  const asked = await visit.evaluateSeconds(state.MaxConcurrency ?? 0, "MaxConcurrency", 0);
  if (scope.pending?.kind !== "items") {
    scope.pending = { kind: "items", items: await itemsOf(visit, state) };
    visit.record([mapStateStarted(scope.pending.items.length)]);
  }
  const iterations = scope.pending.items.map((value, index) => iteration(visit, state, value, index));
  const result = await runInner(visit, iterations, asked === 0 ? INLINE_CONCURRENCY : Math.min(asked, INLINE_CONCURRENCY), walk);
  refuseLarge(result, scope.state);
  const departure = await visit.depart(state, result, { result });
  return { ...departure, entries: [aside(entry("MapStateSucceeded"))] };
}

async function itemsOf(visit: Visit, state: MapState): Promise<Json[]> {
  if (state.Items !== undefined) return visit.evaluateAs(state.Items, "Items", "array", isList);
  const { input } = visit.scope;
  if (isList(input)) return input;
  throw visit.evaluationFailure(`Map state input must be an array but was: ${JSON.stringify(input)}`, null);
}

function iteration(visit: Visit, state: MapState, value: Json, index: number): Inner {
  const item = { Index: index, Value: value };
  const said = (what: "Started" | "Succeeded" | "Failed" | "Aborted") => [mapIteration(what, visit.scope.state, index)];
  return {
    ...{
      graph: state.ItemProcessor,
      item,
      started: said("Started"),
      succeeded: said("Succeeded"),
      failed: said("Failed"),
      aborted: said("Aborted"),
    },
    input: async () => (state.ItemSelector === undefined ? value : visit.evaluate(state.ItemSelector, "ItemSelector", {}, item)),
  };
}
