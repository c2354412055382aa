import type { Catcher, Json, JsonObject, State, Template } from "./definition.ts";
import { StateFailure } from "./errors.ts";
import { bodyOf, EvaluationError, evaluate, isExpression } from "./expressions.ts";
import { evaluationFailed, type HistoryEntry } from "./history.ts";
import { refuseLarge, refuseLargeVariables } from "./limits.ts";
import type { Scope } from "./records.ts";
import type { Change, Frame, Run } from "./run.ts";

/** How a state is left. `next` is null at the end of its line. */
export interface Departure {
  next: string | null;
  output: Json;
  assigned: JsonObject;
  /** History not yet recorded, before the state's exit. */
  entries: HistoryEntry[];
}

/** Where a state, a rule or a catcher leads, and how it shapes what it passes on. */
interface Way {
  Next?: string;
  Output?: Template;
  Assign?: Record<string, Template>;
}

/** What `$states` holds besides input and context. */
interface Outcome {
  result?: Json;
  errorOutput?: Json;
}

/** One stay in one state: evaluates its fields in the state's own surroundings. */
export class Visit {
  readonly run: Run;
  readonly scope: Scope;
  readonly frame: Frame;
  readonly state: State;

  constructor(run: Run, scope: Scope, frame: Frame, state: State) {
    this.run = run;
    this.scope = scope;
    this.frame = frame;
    this.state = state;
  }

  /** Writes down what has happened in this state, unless it was given up meanwhile. */
  record(entries: HistoryEntry[], change: Change = {}): void {
    this.frame.signal.throwIfAborted();
    this.run.record(this.scope, entries, change);
  }

  /** Variables in sight, the scope's own over those of outer scopes. */
  get variables(): JsonObject {
    return { ...this.frame.variables, ...this.scope.variables };
  }

  /** A field's value. Fails as States.QueryEvaluationError. */
  async evaluate(template: Template, field: string, outcome: Outcome = {}, item = this.frame.item): Promise<Json> {
    const states = { input: this.scope.input, context: this.#context(item), ...outcome };
    const { random } = this.run.host.options;
    try {
      return await evaluate(template, field, { states, variables: this.variables }, { now: this.run.now(), random });
    } catch (error) {
      if (error instanceof EvaluationError) throw this.evaluationFailure(error.message, error.location);
      throw error;
    }
  }

  /** A field's value that must be of a type. */
  async evaluateAs<T extends Json>(template: Template, field: string, expected: string, is: (value: Json) => value is T): Promise<T> {
    const value = await this.evaluate(template, field);
    if (is(value)) return value;
    const what = isExpression(template) ? `The JSONata expression '${bodyOf(template)}' specified for the field` : "The value of the field";
    const but = `Expected '${expected}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`;
    throw this.evaluationFailure(`${what} '${field}' returned an unexpected result type. ${but}`, field);
  }

  /** A whole number of seconds. */
  evaluateSeconds(template: number | string, field: string, least: number): Promise<number> {
    const inRange = (value: Json): value is number =>
      Number.isInteger(value) && (value as number) >= least && (value as number) <= 99_999_999;
    return this.evaluateAs(template, field, `integer from ${least} to 99999999`, inRange);
  }

  evaluationFailure(message: string, location: string | null): StateFailure {
    const cause = `An error occurred while executing the state '${this.scope.state}' (entered at the event id #${this.scope.entered_event}). ${message}`;
    const entry = { ...evaluationFailed(this.scope.state, location, cause), ...this.#beforeEntry() };
    return new StateFailure("States.QueryEvaluationError", cause, { entries: [entry] });
  }

  /** A state in which nothing has happened yet fails as if it had not been entered, except a Wait. */
  #beforeEntry(): { follows?: number } {
    const { entered_event, last_event } = this.scope;
    if (this.state.Type === "Wait" || last_event !== entered_event) return {};
    return { follows: this.run.host.store.previousEvent(this.run.arn, entered_event) };
  }

  /** Assign and Output see the variables as they were on entry. `fallback` is the output when none is asked for. */
  async depart(way: Way, fallback: Json, outcome: Outcome = {}, prefix = ""): Promise<Departure> {
    const name = this.scope.state;
    const assigned = way.Assign === undefined ? {} : ((await this.evaluate(way.Assign, `${prefix}Assign`, outcome)) as JsonObject);
    const output = way.Output === undefined ? fallback : await this.evaluate(way.Output, `${prefix}Output`, outcome);
    refuseLarge(output, name);
    refuseLargeVariables(name, assigned, { ...this.variables, ...assigned });
    return { next: way.Next ?? null, output, assigned, entries: [] };
  }

  departCaught(catcher: Catcher, index: number, failure: StateFailure): Promise<Departure> {
    const timedOut = failure.error === "States.Timeout" || failure.error === "States.HeartbeatTimeout";
    const errorOutput = { Error: failure.error, Cause: failure.failureCause ?? (timedOut ? "" : null) };
    return this.depart(catcher, errorOutput, { errorOutput }, `Catch[${index}]/`);
  }

  #context(item: Frame["item"]): JsonObject {
    const { execution } = this.run;
    const { pending, state, entered_at, retry_count } = this.scope;
    const time = (at: number) => new Date(at).toISOString();
    return {
      Execution: {
        ...{ Id: execution.arn, Input: JSON.parse(execution.input), Name: execution.name, RoleArn: execution.role_arn },
        ...{ StartTime: time(execution.started_at), RedriveCount: 0 },
      },
      StateMachine: { Id: execution.machine_arn, Name: execution.machine_name },
      State: { Name: state, EnteredTime: time(entered_at ?? 0), RetryCount: retry_count },
      ...(pending?.kind === "task" && pending.token !== null ? { Task: { Token: pending.token } } : {}),
      ...(item === null ? {} : { Map: { Item: { ...item } } }),
    };
  }
}

const typeName = (value: Json): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
