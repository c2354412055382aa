import type { Json, StateGraph } from "./definition.ts";
import { Interrupted, StateFailure } from "./errors.ts";
import { entry, type HistoryEntry } from "./history.ts";
import type { Scope } from "./records.ts";
import type { Frame, Walk } from "./run.ts";
import type { Visit } from "./visit.ts";

/** One branch or iteration of the state that is being visited. */
export interface Inner {
  graph: StateGraph;
  input(): Promise<Json>;
  item: Frame["item"];
  started: HistoryEntry[];
  succeeded: HistoryEntry[];
  failed: HistoryEntry[];
  aborted: HistoryEntry[];
}

/**
 * Runs all, at most so many at a time, and gives their outputs in order. The first failure ends the rest.
 * Each is a scope of its own in the store: those that have ended are not run again after a restart.
 */
export async function runInner(visit: Visit, inners: Inner[], concurrency: number, walk: Walk): Promise<Json[]> {
  throwKnownFailure(visit, inners.length);
  const siblings = new AbortController();
  const signal = AbortSignal.any([visit.frame.signal, siblings.signal]);
  const outputs: Json[] = new Array(inners.length).fill(null);
  const open = new Map<number, Scope>();
  let next = 0;
  let failure: unknown;
  const worker = async () => {
    while (next < inners.length && failure === undefined) {
      const index = next++;
      try {
        outputs[index] = await runOne(visit, inners[index] as Inner, index, signal, open, walk);
        open.delete(index);
      } catch (error) {
        failure ??= error;
        if (error instanceof StateFailure) open.delete(index);
        siblings.abort(new Interrupted("sibling-failed"));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, inners.length) }, worker));
  if (failure instanceof StateFailure)
    for (const [index, scope] of open) failure.entries.push(...abortedEntries(inners[index] as Inner, scope));
  if (failure !== undefined) throw failure;
  visit.scope.last_event = Math.max(visit.scope.last_event, ...inners.map((_, index) => scopeOf(visit, index)?.last_event ?? 0));
  return outputs;
}

async function runOne(visit: Visit, inner: Inner, index: number, signal: AbortSignal, open: Map<number, Scope>, walk: Walk): Promise<Json> {
  const { run } = visit;
  const known = scopeOf(visit, index);
  if (known?.outcome) return settled(known.outcome);
  const scope = known ?? (await openScope(visit, inner, index));
  signal.throwIfAborted();
  open.set(index, scope);
  const frame: Frame = {
    ...{ signal, variables: visit.variables, item: inner.item },
    succeed: (entries, output) => {
      scope.outcome = { output };
      run.record(scope, [...entries, ...inner.succeeded]);
    },
    fail: (failure) => {
      scope.outcome = { error: failure.error, cause: failure.failureCause };
      run.record(scope, [...failure.entries, ...inner.failed], { attemptOver: true, closing: true });
      visit.scope.last_event = scope.last_event;
      failure.entries = [];
    },
  };
  return walk(run, scope, inner.graph, frame);
}

async function openScope(visit: Visit, inner: Inner, index: number): Promise<Scope> {
  const scope: Scope = {
    ...{
      path: pathOf(visit, index),
      state: inner.graph.StartAt,
      input: await inner.input(),
      variables: {},
      entered_at: null,
      entered_event: 0,
    },
    ...{ last_event: visit.scope.last_event, retry_count: 0, retrier_attempts: {}, pending: null, outcome: null },
  };
  visit.frame.signal.throwIfAborted();
  visit.run.record(scope, inner.started);
  return scope;
}

/** After a restart: what has failed already decides, without running the others again. */
function throwKnownFailure(visit: Visit, count: number): void {
  for (let index = 0; index < count; index++) {
    const outcome = scopeOf(visit, index)?.outcome;
    if (outcome && "error" in outcome) settled(outcome);
  }
}

function settled(outcome: NonNullable<Scope["outcome"]>): Json {
  if ("output" in outcome) return outcome.output;
  throw new StateFailure(outcome.error, outcome.cause);
}

/** A state that was under way says so, then its iteration. */
function abortedEntries(inner: Inner, scope: Scope): HistoryEntry[] {
  const type = inner.graph.States[scope.state]?.Type;
  const under = type === "Task" || type === "Wait" || type === "Map" || type === "Parallel";
  return [...(under ? [entry(`${type}StateAborted`)] : []), ...inner.aborted];
}

const scopeOf = (visit: Visit, index: number): Scope | undefined => visit.run.host.store.scope(visit.run.arn, pathOf(visit, index));

/** State names may hold any character, so they are encoded. */
const pathOf = (visit: Visit, index: number): string => `${visit.scope.path}/${encodeURIComponent(visit.scope.state)}:${index}`;
