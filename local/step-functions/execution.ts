import type { Json, JsonObject, MachineDefinition, State, StateGraph } from "./definition.ts";
import { StateFailure } from "./errors.ts";
import { executionFailed, executionSucceeded, type HistoryEntry, stateEntered, stateExited } from "./history.ts";
import type { Interpreter } from "./interpreter.ts";
import { HISTORY_LIMIT } from "./limits.ts";
import { recover } from "./recovery.ts";
import { visitChoice } from "./states/choice.ts";
import { visitFail } from "./states/fail.ts";
import { visitMap } from "./states/map.ts";
import { visitParallel } from "./states/parallel.ts";
import { visitPass } from "./states/pass.ts";
import { visitSucceed } from "./states/succeed.ts";
import { visitTask } from "./states/task.ts";
import { visitWait } from "./states/wait.ts";
import type { Execution, Scope } from "./store.ts";
import { type Departure, Visit } from "./visit.ts";

/** What surrounds a scope: outer variables, the item of an iteration, and how its end is written down. */
export interface Frame {
  signal: AbortSignal;
  variables: JsonObject;
  item: { Index: number; Value: Json } | null;
  /** Commits the end of the scope together with its last events. */
  succeed(entries: HistoryEntry[], output: Json): void;
  fail(failure: StateFailure): void;
}

export interface Change {
  /** A state was entered, or entered again by a retry: what AWS bills. */
  transitions?: number;
  /** The last entry is the scope's StateEntered. */
  entered?: boolean;
  /** Forget the scopes below this one, and end the executions they wait for: an attempt is over. */
  attemptOver?: boolean;
  /** The scope fails: its last events are written even when the history is full. */
  closing?: boolean;
}

/** One execution under way: the only writer of its history and scopes. */
export class Run {
  readonly interpreter: Interpreter;
  readonly arn: string;
  readonly execution: Execution;
  readonly definition: MachineDefinition;
  readonly signal: AbortSignal;

  constructor(interpreter: Interpreter, execution: Execution, definition: MachineDefinition, signal: AbortSignal) {
    this.interpreter = interpreter;
    this.arn = execution.arn;
    this.execution = execution;
    this.definition = definition;
    this.signal = signal;
  }

  now(): number {
    return this.interpreter.options.clock.now();
  }

  /** One transaction: events in the scope's line of history, the scope as it is now, the count of transitions. */
  record(scope: Scope, entries: HistoryEntry[], change: Change = {}): void {
    this.signal.throwIfAborted();
    const { store } = this.interpreter;
    store.transaction(() => {
      const { last_event, transitions } = store.execution(this.arn) ?? this.execution;
      if (!change.closing && last_event + entries.length >= HISTORY_LIMIT) throw historyFull();
      entries.forEach((entry, index) => {
        const id = last_event + index + 1;
        store.appendEvent(this.arn, { id, previous_id: scope.last_event, timestamp: this.now(), ...entry });
        scope.last_event = id;
      });
      store.changeExecution(this.arn, { last_event: last_event + entries.length, transitions: transitions + (change.transitions ?? 0) });
      if (change.entered) scope.entered_event = scope.last_event;
      if (change.attemptOver) {
        this.interpreter.abandon(this.arn, scope.path);
        store.forgetScopes(this.arn, scope.path);
      }
      store.saveScope(this.arn, scope);
    });
  }
}

const historyFull = () =>
  new StateFailure("States.Runtime", `The execution reached the maximum number of history events (${HISTORY_LIMIT}).`);

/** From where the store says it stands to its end. Rejects only when interrupted or broken. */
export async function runExecution(run: Run): Promise<void> {
  const { interpreter, arn } = run;
  const scope = interpreter.store.scope(arn, "");
  if (scope === undefined) throw new Error(`no scope of ${arn} in the store`);
  const frame: Frame = {
    ...{ signal: run.signal, variables: {}, item: null },
    succeed: (entries, output) => {
      run.record(scope, entries);
      const entry = executionSucceeded(output);
      interpreter.end(arn, { status: "SUCCEEDED", output: JSON.stringify(output), entry, previousEvent: scope.last_event });
    },
    fail: ({ entries, error, failureCause: cause }) => {
      run.record(scope, entries, { closing: true });
      interpreter.end(arn, { status: "FAILED", error, cause, entry: executionFailed(error, cause), previousEvent: scope.last_event });
    },
  };
  await runScope(run, scope, run.definition, frame).catch((error) => {
    if (!(error instanceof StateFailure)) throw error;
  });
}

/** Walks a line of states to its end and gives its output; rejects with StateFailure when it failed. */
export async function runScope(run: Run, scope: Scope, graph: StateGraph, frame: Frame): Promise<Json> {
  const { store } = run.interpreter;
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
}

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
      return recover(visit, state, () => visitParallel(visit, state));
    case "Map":
      return recover(visit, state, () => visitMap(visit, state));
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
