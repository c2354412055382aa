import type { Json, State, StateGraph } from "./definition.ts";
import { StateFailure } from "./errors.ts";
import { executionFailed, executionSucceeded, type HistoryEntry, stateEntered, stateExited } from "./history.ts";
import type { Scope } from "./records.ts";
import { recover } from "./recovery.ts";
import type { Frame, Run, Walk } from "./run.ts";
import { visitChoice } from "./states/choice.ts";
import { visitFail } from "./states/fail.ts";
import { visitMap } from "./states/map.ts";
import { visitParallel } from "./states/parallel.ts";
import { visitPass } from "./states/pass.ts";
import { visitSucceed } from "./states/succeed.ts";
import { visitTask } from "./states/task.ts";
import { visitWait } from "./states/wait.ts";
import { type Departure, Visit } from "./visit.ts";

/** From where the store says it stands to its end. Rejects only when interrupted or broken. */
export async function runExecution(run: Run): Promise<void> {
  const { host, arn } = run;
  const scope = host.store.scope(arn, "");
  if (scope === undefined) throw new Error(`no scope of ${arn} in the store`);
  const frame: Frame = {
    ...{ signal: run.signal, variables: {}, item: null },
    succeed: (entries, output) => {
      run.record(scope, entries);
      const entry = executionSucceeded(output);
      host.end(arn, { status: "SUCCEEDED", output: JSON.stringify(output), entry, previousEvent: scope.last_event });
    },
    fail: ({ entries, error, failureCause: cause }) => {
      run.record(scope, entries, { closing: true });
      host.end(arn, { status: "FAILED", error, cause, entry: executionFailed(error, cause), previousEvent: scope.last_event });
    },
  };
  await runScope(run, scope, run.definition, frame).catch((error) => {
    if (!(error instanceof StateFailure)) throw error;
  });
}

const runScope: Walk = async (run, scope, graph, frame) => {
  const { store } = run.host;
  try {
    if (scope.entered_at === null) enter(run, scope, graph, scope.state, scope.input, []);
    for (;;) {
      const state = stateOf(graph, scope.state);
      const departure = await leave(new Visit(run, scope, frame, state));
      frame.signal.throwIfAborted();
      const exited = stateExited(state.Type, scope.state, departure.output, departure.assigned);
      const entries = [...departure.entries, exited];
      Object.assign(scope.variables, departure.assigned);
      if (departure.next !== null) {
        enter(run, scope, graph, departure.next, departure.output, entries);
      } else {
        store.transaction(() => frame.succeed(entries, departure.output));
        return departure.output;
      }
    }
  } catch (error) {
    if (error instanceof StateFailure) store.transaction(() => frame.fail(error));
    throw error;
  }
};

/** Leaves the state behind and enters the next one in one transaction, so that nothing can be lost between them. */
function enter(run: Run, scope: Scope, graph: StateGraph, name: string, input: Json, leaving: HistoryEntry[]): void {
  const fresh = { pending: null, retry_count: 0, retrier_attempts: {} };
  Object.assign(scope, { state: name, input, entered_at: run.now(), ...fresh } satisfies Partial<Scope>);
  const entered = stateEntered(stateOf(graph, name).Type, name, input);
  run.record(scope, [...leaving, entered], { transitions: 1, entered: true, attemptOver: true });
}

function stateOf(graph: StateGraph, name: string): State {
  const state = graph.States[name];
  if (state === undefined) throw new StateFailure("States.Runtime", `There is no state '${name}' here.`);
  return state;
}

function leave(visit: Visit): Promise<Departure> {
  const { state } = visit;
  switch (state.Type) {
    case "Task":
      return recover(visit, state, () => visitTask(visit, state));
    case "Parallel":
      return recover(visit, state, () => visitParallel(visit, state, runScope));
    case "Map":
      return recover(visit, state, () => visitMap(visit, state, runScope));
    case "Choice":
      return visitChoice(visit, state);
    case "Wait":
      return visitWait(visit, state);
    case "Pass":
      return visitPass(visit, state);
    case "Succeed":
      return visitSucceed(visit, state);
    case "Fail":
      return visitFail(visit, state);
  }
}
