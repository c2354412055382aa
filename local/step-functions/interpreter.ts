import { randomUUID } from "node:crypto";
import { executionArnOf } from "./arn.ts";
import type { Json, Machine } from "./definition.ts";
import { Interrupted } from "./errors.ts";
import { runExecution } from "./execution.ts";
import { executionAborted, executionFailed, executionStarted, executionTimedOut } from "./history.ts";
import type { ExecutionEnd, Host, InterpreterOptions, NewExecution } from "./host.ts";
import type { Execution } from "./records.ts";
import { Run } from "./run.ts";
import type { Store } from "./store.ts";

/** Starts, carries on and ends executions; knows which are under way in this process. */
export class Interpreter implements Host {
  readonly options: InterpreterOptions;
  readonly store: Store;
  readonly #runs = new Map<string, { controller: AbortController; ended: Promise<void> }>();
  readonly #completions = new Map<string, (() => void)[]>();
  readonly #tokenWakers = new Map<string, () => void>();
  readonly #announcements = new Map<string, Promise<void>>();
  readonly #halting = new AbortController();

  constructor(options: InterpreterOptions) {
    this.options = options;
    this.store = options.store;
  }

  machine(arn: string): Machine | undefined {
    return this.options.machines.find((machine) => machine.arn === arn);
  }

  /** Goes on with what a former process left running. */
  resume(): void {
    for (const execution of this.store.unannounced()) this.#announce(execution);
    for (const execution of this.store.running()) this.#launch(execution);
  }

  /** Writes the execution down and, once that is on disk, sets it going. */
  begin(machine: Machine, given: NewExecution): Execution {
    const now = this.options.clock.now();
    const name = given.name ?? randomUUID();
    const limit = machine.definition.TimeoutSeconds;
    return this.store.transaction(() => {
      const execution: Execution = {
        ...{
          arn: executionArnOf(machine.arn, name),
          machine_arn: machine.arn,
          machine_name: machine.name,
          name,
          role_arn: machine.roleArn,
        },
        ...{ input: given.input, status: "RUNNING", started_at: now, stopped_at: null, output: null, error: null, cause: null },
        ...{ transitions: 0, last_event: 1, deadline: limit === undefined ? null : now + limit * 1000 },
        ...{ parent_arn: given.parent?.arn ?? null, parent_path: given.parent?.path ?? null, announced: null },
        definition_hash: this.store.keepDefinition(machine),
      };
      this.store.insertExecution(execution);
      this.store.appendEvent(execution.arn, { id: 1, previous_id: 0, timestamp: now, ...executionStarted(given.input, machine.roleArn) });
      this.store.saveScope(execution.arn, rootScope(machine, JSON.parse(given.input)));
      this.store.afterCommit(() => {
        this.#announce(execution);
        this.#launch(execution);
      });
      return execution;
    });
  }

  #launch(execution: Execution): void {
    if (this.#halting.signal.aborted || this.#runs.has(execution.arn)) return;
    const controller = new AbortController();
    const run = new Run(this, execution, this.store.definition(execution.definition_hash), controller.signal);
    const ended = Promise.all([this.#watchDeadline(execution, controller.signal), this.#carryOut(run)])
      .then(() => undefined, this.options.report)
      .finally(() => this.#runs.delete(execution.arn));
    this.#runs.set(execution.arn, { controller, ended });
  }

  /** Ends a running execution and, with it, what it waits for. Does nothing when it has ended already. */
  end(arn: string, end: ExecutionEnd): void {
    const now = this.options.clock.now();
    this.store.transaction(() => {
      const execution = this.store.execution(arn);
      if (execution?.status !== "RUNNING") return;
      const { status, output = null, error = null, cause = null } = end;
      const id = execution.last_event + 1;
      this.store.appendEvent(arn, { id, previous_id: end.previousEvent ?? 0, timestamp: now, ...end.entry });
      const change = { status, output, error, cause, stopped_at: now, last_event: id };
      this.store.changeExecution(arn, change);
      this.abandon(arn, "");
      this.store.forgetScopes(arn, null);
      this.store.afterCommit(() => this.#settle({ ...execution, ...change }));
    });
  }

  #settle(execution: Execution): void {
    this.#runs.get(execution.arn)?.controller.abort(new Interrupted("ended"));
    this.#announce(execution);
    for (const wake of this.#completions.get(execution.arn) ?? []) wake();
    this.#completions.delete(execution.arn);
  }

  abort(arn: string, error: string | null, cause: string | null): void {
    this.end(arn, { status: "ABORTED", error, cause, entry: executionAborted(error, cause) });
  }

  /** Ends the executions that tasks at or below a scope wait for. */
  abandon(arn: string, path: string): void {
    for (const child of this.store.runningChildren(arn, path)) this.abort(child.arn, null, null);
  }

  /** The execution once it has ended; rejects when the interpreter halts first. */
  async ended(arn: string, signal: AbortSignal = this.#halting.signal): Promise<Execution> {
    for (;;) {
      signal.throwIfAborted();
      const execution = this.store.execution(arn);
      if (execution === undefined) throw new Error(`no execution ${arn}`);
      if (execution.status !== "RUNNING") return execution;
      await wakeable(signal, (wake) => this.#completions.set(arn, [...(this.#completions.get(arn) ?? []), wake]));
    }
  }

  /** Resolves when something was sent for the token. */
  tokenSignalled(token: string, signal: AbortSignal): Promise<void> {
    return wakeable(signal, (wake) => this.#tokenWakers.set(token, wake));
  }
  wakeToken(token: string): void {
    this.#tokenWakers.get(token)?.();
    this.#tokenWakers.delete(token);
  }

  /** Stops working; every running execution can be resumed from the store. */
  async halt(): Promise<void> {
    this.#halting.abort(new Interrupted("halted"));
    const runs = [...this.#runs.values()];
    for (const run of runs) run.controller.abort(new Interrupted("halted"));
    await Promise.all([...runs.map((run) => run.ended), ...this.#announcements.values()]);
  }

  async #carryOut(run: Run): Promise<void> {
    try {
      await runExecution(run);
    } catch (error) {
      if (error instanceof Interrupted || this.#halting.signal.aborted) return;
      const cause = `The interpreter failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`;
      this.end(run.arn, { status: "FAILED", error: "States.Runtime", cause, entry: executionFailed("States.Runtime", cause) });
    }
  }

  async #watchDeadline(execution: Execution, signal: AbortSignal): Promise<void> {
    if (execution.deadline === null) return;
    try {
      await this.options.clock.sleepUntil(execution.deadline, signal);
    } catch {
      return;
    }
    this.end(execution.arn, { status: "TIMED_OUT", entry: executionTimedOut });
  }

  /** In order, so that RUNNING is never told after the end. */
  #announce(execution: Execution): void {
    const before = this.#announcements.get(execution.arn) ?? Promise.resolve();
    const told = before
      .then(() => this.options.statusChanged(execution))
      .then(() => this.store.changeExecution(execution.arn, { announced: execution.status }))
      .catch((error) => (this.#halting.signal.aborted ? undefined : this.options.report(error)))
      .finally(() => this.#announcements.get(execution.arn) === told && this.#announcements.delete(execution.arn));
    this.#announcements.set(execution.arn, told);
  }
}

const rootScope = (machine: Machine, input: Json) => ({
  ...{ path: "", state: machine.definition.StartAt, input, variables: {}, entered_at: null, entered_event: 0, last_event: 0 },
  ...{ retry_count: 0, retrier_attempts: {}, pending: null, outcome: null },
});

/** A promise that `register`'s callback resolves and the signal rejects. */
function wakeable(signal: AbortSignal, register: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const aborted = () => reject(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    register(() => {
      signal.removeEventListener("abort", aborted);
      resolve();
    });
  });
}
