import type { MapState, ParallelState, TaskState } from "./definition.ts";
import { StateFailure } from "./errors.ts";
import { entry } from "./history.ts";
import { decideRetry, findCatcher } from "./retry.ts";
import type { Departure, Visit } from "./visit.ts";

/** Attempts a state until it is left, retried out, caught, or failed for good. Retries are the scope's memory, so they survive a restart. */
export async function recover(
  visit: Visit,
  state: TaskState | MapState | ParallelState,
  attempt: () => Promise<Departure>,
): Promise<Departure> {
  const { run, scope, frame } = visit;
  const { clock, random } = run.host.options;
  for (;;) {
    if (scope.pending?.kind === "retry") {
      await clock.sleepUntil(scope.pending.until, frame.signal);
      scope.pending = null;
    }
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      const retry = decideRetry(state.Retry, error, scope.retrier_attempts, random);
      if (retry === undefined) return caught(visit, state, error);
      scope.retry_count += 1;
      scope.retrier_attempts[retry.retrier] = (scope.retrier_attempts[retry.retrier] ?? 0) + 1;
      scope.pending = { kind: "retry", until: run.now() + retry.delayMilliseconds };
      visit.record(error.entries, { transitions: 1, attemptOver: true });
    }
  }
}

/** Nothing is written yet: the failure and the way out of it are one transaction, else a crash between them would undo the failure. */
async function caught(visit: Visit, state: TaskState | MapState | ParallelState, failure: StateFailure): Promise<Departure> {
  if (state.Type !== "Task") failure.entries.push(entry(`${state.Type}StateFailed`));
  const found = findCatcher(state.Catch, failure);
  if (found === undefined) throw failure;
  try {
    const departure = await visit.departCaught(found.catcher, found.index, failure);
    return { ...departure, entries: failure.entries };
  } catch (error) {
    if (error instanceof StateFailure) error.entries.unshift(...failure.entries);
    throw error;
  }
}
