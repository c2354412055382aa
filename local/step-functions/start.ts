import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AwsService, InvocationResult } from "../aws/service.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Json, Machine } from "./definition.ts";
import type { Transition } from "./host.ts";
import { Interpreter } from "./interpreter.ts";
import type { Execution } from "./records.ts";
import { startNamed } from "./start-named.ts";
import { type StatusChange, statusChange } from "./status-change.ts";
import { Store } from "./store.ts";
import { refuseUnsupported } from "./validator.ts";
import { wire } from "./wire.ts";

export interface StepFunctionsOptions {
  /** Where executions are kept; those that were running go on. */
  dataFolder: string;
  /** Definitions with every placeholder already replaced. */
  machines: { arn: string; name: string; definition: object; roleArn: string }[];
  /** A rejection is Lambda refusing: its name (`ResourceNotFoundException`) becomes `Lambda.<name>`. */
  invoke(functionNameOrArn: string, payload: unknown, roleArn: string): Promise<InvocationResult>;
  /** Throws when the role may not do this. */
  authorize(roleArn: string, action: string, resource: string): void;
  /** Told of each `Step Functions Execution Status Change`, at least once and in order for each execution. */
  statusChanged?: ((change: StatusChange) => Promise<void>) | undefined;
  transitioned?: ((transition: Transition) => void) | undefined;
  clock?: Clock;
  /** In [0, 1): jitter of retries, `$random()`. */
  random?(): number;
  report?(error: unknown): void;
  /** For tests of what happens when writing fails. */
  openStore?(file: string): Store;
}

export interface StepFunctions {
  service: AwsService;
  /** `input` is any JSON value. Errors are those of StartExecution. */
  startExecution(machineArn: string, given: { name?: string; input: unknown }): { executionArn: string; startDate: Date };
  /** Resolves when the execution has ended. */
  ended(executionArn: string): Promise<Execution>;
  /** The execution as stored, with its count of billed transitions. */
  inspect(executionArn: string): Execution | undefined;
  /** Leaves running executions as they are; the next start goes on with them. */
  stop(): Promise<void>;
}

/** Throws, naming machine, state and field, when a definition asks for something that does not exist here. */
export function startStepFunctions(options: StepFunctionsOptions): StepFunctions {
  const machines = options.machines as Machine[];
  for (const machine of machines) refuseUnsupported(machine);
  mkdirSync(options.dataFolder, { recursive: true });
  const file = join(options.dataFolder, "step-functions.sqlite");
  const store = options.openStore?.(file) ?? new Store(file);
  const interpreter = new Interpreter({
    ...{ store, machines, clock: options.clock ?? systemClock, random: options.random ?? Math.random },
    invoke: options.invoke as (functionName: string, payload: Json, roleArn: string) => Promise<InvocationResult>,
    authorize: options.authorize,
    statusChanged: async (execution) => options.statusChanged?.(statusChange(execution)),
    transitioned: options.transitioned ?? (() => undefined),
    report: options.report ?? ((error) => console.error("step-functions:", error)),
  });
  interpreter.resume();
  return {
    service: wire(interpreter),
    startExecution: (machineArn, { name = null, input }: { name?: string | null; input: unknown }) => {
      const execution = startNamed(interpreter, machineArn, { name, input: JSON.stringify(input) });
      return { executionArn: execution.arn, startDate: new Date(execution.started_at) };
    },
    ended: (arn) => interpreter.ended(arn),
    inspect: (arn) => store.execution(arn),
    async stop() {
      await interpreter.halt();
      store.close();
    },
  };
}
