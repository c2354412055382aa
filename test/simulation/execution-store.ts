import type { Machine, MachineDefinition } from "../../local/step-functions/definition.ts";
import type { Execution, Scope, TaskToken } from "../../local/step-functions/records.ts";
import type { Store } from "../../local/step-functions/store.ts";
import { Footsteps } from "./footsteps.ts";

/**
 * Executions in memory, for the interpreter that otherwise keeps them in SQLite: nothing here survives anything, and
 * nothing has to, because a simulated Step Functions never dies. Of history no more is kept than which ways were gone.
 */
class ExecutionStore {
  readonly executions = new Map<string, Execution>();
  readonly footsteps = new Footsteps();
  /** Throws where Step Functions is to refuse a start. */
  refusing: (execution: Execution) => void = () => {};
  private readonly definitions = new Map<string, MachineDefinition>();
  private readonly scopes = new Map<string, Scope>();
  private readonly tokens = new Map<string, TaskToken>();
  private depth = 0;
  private effects: (() => void)[] = [];

  transaction<T>(work: () => T): T {
    if (this.depth > 0) return work();
    this.depth += 1;
    let result: T;
    try {
      result = work();
    } finally {
      this.depth -= 1;
    }
    for (const effect of this.effects.splice(0)) effect();
    return result;
  }

  afterCommit(effect: () => void): void {
    if (this.depth > 0) this.effects.push(effect);
    else effect();
  }

  keepDefinition({ name, definition }: Machine): string {
    this.definitions.set(name, definition);
    return name;
  }
  definition = (hash: string) => this.definitions.get(hash);

  insertExecution(execution: Execution): void {
    this.refusing(execution);
    this.executions.set(execution.arn, { ...execution });
    const definition = this.definitions.get(execution.definition_hash);
    if (definition) this.footsteps.begin(execution.arn, execution.machine_name, definition);
  }
  execution(arn: string): Execution | undefined {
    const found = this.executions.get(arn);
    return found && { ...found };
  }
  changeExecution = (arn: string, change: Partial<Execution>) => void Object.assign(this.executions.get(arn) ?? {}, change);
  running = () => [...this.executions.values()].filter(({ status }) => status === "RUNNING");
  unannounced = () => [];
  runningChildren = (arn: string, path: string) =>
    this.running().filter(
      ({ parent_arn, parent_path }) => parent_arn === arn && (parent_path === path || parent_path?.startsWith(`${path}/`)),
    );

  saveScope = (arn: string, scope: Scope) => void this.scopes.set(`${arn} ${scope.path}`, scope);
  scope = (arn: string, path: string) => this.scopes.get(`${arn} ${path}`);
  forgetScopes(arn: string, below: string | null): void {
    if (below === null) this.scopes.delete(`${arn} `);
  }

  insertToken = (token: TaskToken) => void this.tokens.set(token.token, { ...token });
  token = (token: string) => this.tokens.get(token);
  changeToken = (token: string, change: Partial<TaskToken>) => void Object.assign(this.tokens.get(token) ?? {}, change);

  appendEvent(arn: string, event: Parameters<Footsteps["note"]>[1]): void {
    this.footsteps.note(arn, event);
  }
}

type Seen = Pick<ExecutionStore, "executions" | "footsteps" | "refusing">;

/** The interpreter asks for the class that writes to disk; it uses of it what is here. */
export function executionStore(): Store & Seen {
  return new ExecutionStore() as unknown as Store & Seen;
}
