import { rmSync, writeFileSync } from "node:fs";
import type { FunctionName, SettingName } from "../../lambdas/runtime/settings.ts";
import type { FunctionConfiguration } from "../../local/functions/configuration.ts";
import type { RunningSystem } from "../running-system.ts";
import type { SystemRecord } from "./system-record.ts";

/** Gives a function's first event, once what it is about has come so far. Called in the order in which the table has the functions. */
export type FirstEvent = (round: Round) => Promise<object> | object;

export interface Surroundings {
  system: RunningSystem;
  record: SystemRecord;
  functions: readonly FunctionConfiguration[];
  /** See held-server.mjs. */
  holdFile: string;
}

export interface Fence {
  uid: string;
  operation_id: string;
  epoch: number;
}

/** Each function once. Every round has deployments, models and promotions of its own. */
export class Round {
  readonly number: number;
  readonly system: RunningSystem;
  readonly record: SystemRecord;
  /** What the functions answered that were called before. */
  // biome-ignore lint/suspicious/noExplicitAny: what a handler answers is its own
  readonly answers: Partial<Record<FunctionName, any>> = {};
  /** What a later event is about, by a word for it. */
  readonly known = new Map<string, string>();
  private readonly functions: readonly FunctionConfiguration[];
  private readonly holdFile: string;

  constructor(number: number, { system, record, functions, holdFile }: Surroundings) {
    this.number = number;
    this.system = system;
    this.record = record;
    this.functions = functions;
    this.holdFile = holdFile;
  }

  /** Of this round. */
  name(word: string): string {
    return `${word}-${this.number}`;
  }

  get(word: string): string {
    const found = this.known.get(word);
    if (found === undefined) throw new Error(`no event of this round has told of ${word} yet`);
    return found;
  }

  /** A variable of a function's environment. */
  setting(of: FunctionName, name: SettingName): string {
    return this.deployed(of).environment[name] ?? "";
  }

  /** Has the system call a function itself, and gives what it answers. */
  invoke(of: FunctionName, event: object): Promise<unknown> {
    return this.record.invoke(this.deployed(of).name, event);
  }

  deployed(name: FunctionName): FunctionConfiguration {
    const found = this.functions.find(({ title }) => title === name);
    if (!found) throw new Error(`there is no function ${name} in the template`);
    return found;
  }

  /** Until let go, smoke tests get no answer and instances do not leave (held-server.mjs). */
  hold(): void {
    writeFileSync(this.holdFile, "");
  }

  letGo(): void {
    rmSync(this.holdFile, { force: true });
  }

  async operationEnded(id: string): Promise<void> {
    const ended = async () => ((await this.system.call("GET", `/v1/operations/${id}`)).outcome === null ? undefined : true);
    await this.system.until(ended);
  }

  async operationIn(step: string, id: string): Promise<void> {
    const { system } = this;
    await system.until(async () => {
      const { steps } = (await system.call("GET", `/v1/operations/${id}`)) as { steps: { name: string }[] };
      return steps.some(({ name }) => name === step) ? true : undefined;
    });
  }
}

export const fenceOf = ({ deployment, operation }: { deployment: { uid: string }; operation: { id: string } }): Fence => ({
  uid: deployment.uid,
  operation_id: operation.id,
  epoch: 1,
});
