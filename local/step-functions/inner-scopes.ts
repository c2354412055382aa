import type { Json, StateGraph, StateType } from "./definition.ts";
import { Interrupted, StateFailure } from "./errors.ts";
import { aside, entry, type HistoryEntry } from "./history.ts";
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
    let after = visit.scope.last_event;
    while (next < inners.length && failure === undefined) {
      const index = next++;
      try {
        const scope = scopeOf(visit, index) ?? (await openScope(visit, inners[index] as Inner, index, after));
        signal.throwIfAborted();
        open.set(index, scope);
        outputs[index] = await runOne(visit, inners[index] as Inner, scope, signal, walk);
        open.delete(index);
        after = scope.last_event;
      } catch (error) {
        const scope = open.get(index);
        if (error instanceof StateFailure && scope !== undefined) {
          error.entries.push(...stateAborted(inners[index] as Inner, scope, ["Task", "Wait"]));
          open.delete(index);
        }
        failure ??= error;
        siblings.abort(new Interrupted("sibling-failed"));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, inners.length) }, worker));
  if (failure instanceof StateFailure)
    for (const [index, scope] of open) failure.entries.push(...abortedEntries(inners[index] as Inner, scope));
  if (failure !== undefined) throw failure;
  visit.scope.last_event = Math.max(visit.scope.last_event, ...inners.map((inner, index) => endOf(visit, inner, index)));
  return outputs;
}

async function runOne(visit: Visit, inner: Inner, scope: Scope, signal: AbortSignal, walk: Walk): Promise<Json> {
  const { run } = visit;
  if (scope.outcome) return settled(scope.outcome);
  const frame: Frame = {
    ...{ signal, variables: visit.variables, item: inner.item },
    succeed: (entries, output) => {
      scope.outcome = { output };
      run.record(scope, [...entries, ...inner.succeeded]);
    },
    fail: (failure) => {
      signal.throwIfAborted();
      scope.outcome = { error: failure.error, cause: failure.failureCause };
      run.record(scope, [...failure.entries, ...inner.failed], { attemptOver: true, closing: true });
      visit.scope.last_event = scope.last_event;
      failure.entries = [];
    },
  };
  return walk(run, scope, inner.graph, frame);
}

/** `after`: the last event of what made room for it. */
async function openScope(visit: Visit, inner: Inner, index: number, after: number): Promise<Scope> {
  const scope: Scope = {
    ...{
      path: pathOf(visit, index),
      state: inner.graph.StartAt,
      input: await inner.input(),
      variables: {},
      entered_at: null,
      entered_event: 0,
    },
    ...{ last_event: after, retry_count: 0, retrier_attempts: {}, pending: null, outcome: null },
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

/** An iteration says so, then the state that was under way in it. */
const abortedEntries = (inner: Inner, scope: Scope): HistoryEntry[] => [
  ...inner.aborted,
  ...stateAborted(inner, scope, ["Task", "Wait", "Map", "Parallel"]),
];

/** Also said of the very Task that failed; a Map or Parallel that failed has said so itself. */
function stateAborted(inner: Inner, scope: Scope, types: StateType[]): HistoryEntry[] {
  const type = inner.graph.States[scope.state]?.Type;
  return type !== undefined && types.includes(type) ? [aside(entry(`${type}StateAborted`))] : [];
}

/** Where its line ends: the words that close it stand beside the line, in the same transaction. */
function endOf(visit: Visit, inner: Inner, index: number): number {
  const scope = scopeOf(visit, index);
  return scope === undefined ? 0 : scope.last_event + inner.succeeded.length;
}

const scopeOf = (visit: Visit, index: number): Scope | undefined => visit.run.host.store.scope(visit.run.arn, pathOf(visit, index));

/** State names may hold any character, so they are encoded. */
const pathOf = (visit: Visit, index: number): string => `${visit.scope.path}/${encodeURIComponent(visit.scope.state)}:${index}`;
