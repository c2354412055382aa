import type { Json, JsonObject, MachineDefinition, StateGraph } from "./definition.ts";
import { StateFailure } from "./errors.ts";
import type { HistoryEntry } from "./history.ts";
import type { Host } from "./host.ts";
import { HISTORY_LIMIT } from "./limits.ts";
import type { Execution, Scope } from "./records.ts";

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
  readonly host: Host;
  readonly arn: string;
  readonly execution: Execution;
  readonly definition: MachineDefinition;
  readonly signal: AbortSignal;

  constructor(host: Host, execution: Execution, definition: MachineDefinition, signal: AbortSignal) {
    this.host = host;
    this.arn = execution.arn;
    this.execution = execution;
    this.definition = definition;
    this.signal = signal;
  }

  now(): number {
    return this.host.options.clock.now();
  }

  /** One transaction: events in the scope's line of history, the scope as it is now, the count of transitions. */
  record(scope: Scope, entries: HistoryEntry[], change: Change = {}): void {
    this.signal.throwIfAborted();
    const { store } = this.host;
    store.transaction(() => {
      const { last_event, transitions } = store.execution(this.arn) ?? this.execution;
      if (!change.closing && last_event + entries.length >= HISTORY_LIMIT) throw historyFull();
      entries.forEach((entry, index) => {
        const id = last_event + index + 1;
        store.appendEvent(this.arn, { id, previous_id: entry.follows ?? scope.last_event, timestamp: this.now(), ...entry });
        if (!entry.aside) scope.last_event = id;
      });
      store.changeExecution(this.arn, { last_event: last_event + entries.length, transitions: transitions + (change.transitions ?? 0) });
      if (change.entered) scope.entered_event = scope.last_event;
      if (change.attemptOver) {
        this.host.abandon(this.arn, scope.path);
        store.forgetScopes(this.arn, scope.path);
      }
      store.saveScope(this.arn, scope);
      if (change.transitions) store.afterCommit(() => this.#tellTransition(scope.state, !change.entered));
    });
  }

  #tellTransition(state: string, retry: boolean): void {
    const { machine_name: machine, name: execution } = this.execution;
    this.host.options.transitioned({ machine, execution, state, retry });
  }
}

const historyFull = () =>
  new StateFailure("States.Runtime", `The execution reached the maximum number of history events (${HISTORY_LIMIT}).`);

/** Walks a line of states to its end and gives its output; rejects with StateFailure when it failed. */
export type Walk = (run: Run, scope: Scope, graph: StateGraph, frame: Frame) => Promise<Json>;
