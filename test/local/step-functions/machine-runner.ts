import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InvocationResult } from "../../../local/aws/service.ts";
import { VirtualClock } from "../../../local/step-functions/clock.ts";
import { type StepFunctions, type StepFunctionsOptions, startStepFunctions } from "../../../local/step-functions/start.ts";
import type { StatusChange } from "../../../local/step-functions/status-change.ts";

export const role = "arn:aws:iam::000000000000:role/machine";
export const machineArn = (name: string): string => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
export const functionArn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** A definition is given as its States; the first one is where it starts. */
// biome-ignore lint/suspicious/noExplicitAny: definitions are JSON
export type States = Record<string, any>;
export const graph = (states: States) => ({ StartAt: Object.keys(states)[0] ?? "", States: states });
export const definition = (states: States, more: object = {}) => ({ QueryLanguage: "JSONata", ...more, ...graph(states) });

/** What a function does with its payload; throwing is Lambda refusing, `failing` is the function failing. */
// biome-ignore lint/suspicious/noExplicitAny: payloads are JSON
export type LocalFunction = (payload: any, call: number) => unknown | Promise<unknown>;

export class FunctionError extends Error {
  readonly payload: unknown;
  constructor(payload: unknown) {
    super("function error");
    this.payload = payload;
  }
}
export const failing = (errorType: string, errorMessage = "it failed") => new FunctionError({ errorType, errorMessage, trace: [] });

export interface Runner extends StepFunctions {
  changes: StatusChange[];
  /** Payloads by function, in order. */
  calls: Record<string, unknown[]>;
  clock: VirtualClock;
  dataFolder: string;
  run(input?: unknown, machine?: string): Promise<Outcome>;
  // biome-ignore lint/suspicious/noExplicitAny: answers are JSON
  send(action: string, body: object): Promise<{ status: number; body: any }>;
}
export interface Outcome {
  arn: string;
  status: string;
  output: unknown;
  error: string | null;
  cause: string | null;
  transitions: number;
  milliseconds: number;
  /** Types of the events, in order. */
  events: string[];
  // biome-ignore lint/suspicious/noExplicitAny: details are JSON
  history: any[];
}

export interface RunnerOptions extends Partial<StepFunctionsOptions> {
  functions?: Record<string, LocalFunction>;
  calls?: Record<string, unknown[]>;
}

const folders: string[] = [];
const runners: Runner[] = [];

/** For afterEach. */
export async function cleanUp(): Promise<void> {
  for (const runner of runners.splice(0)) await runner.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "step-functions-"));
  folders.push(folder);
  return folder;
}

/** The interpreter on a virtual clock. The first machine is the one that `run` runs. */
export function startRunner(machines: Record<string, object>, options: RunnerOptions = {}): Runner {
  const { functions = {}, calls = {}, clock = new VirtualClock(), dataFolder = newFolder(), ...rest } = options;
  const changes: StatusChange[] = [];
  const stepFunctions = startStepFunctions({
    ...{ dataFolder, clock, random: () => 0.5, authorize: () => {} },
    machines: Object.entries(machines).map(([name, one]) => ({ arn: machineArn(name), name, definition: one, roleArn: role })),
    statusChanged: async (change) => void changes.push(change),
    invoke: (name, payload) => invoke(functions, calls, name, payload),
    ...rest,
  });
  const first = Object.keys(machines)[0] ?? "";
  let stopped: Promise<void> | undefined;
  const runner: Runner = {
    ...stepFunctions,
    ...{ changes, calls, dataFolder, clock: clock as VirtualClock },
    stop: () => {
      stopped ??= stepFunctions.stop();
      return stopped;
    },
    run: async (input = {}, machine = first) => {
      const { executionArn } = stepFunctions.startExecution(machineArn(machine), { input });
      return outcomeOf(runner, executionArn);
    },
    async send(action, body) {
      const answer = await stepFunctions.service.handle({
        ...{ service: "states", action, method: "POST", path: "/", query: new URLSearchParams(), headers: {} },
        ...{ body: Buffer.from(JSON.stringify(body)), principal: { role_arn: null, access_key_id: "root" } },
      });
      return { status: answer.status, body: answer.body };
    },
  };
  runners.push(runner);
  return runner;
}

export async function outcomeOf(runner: Runner, arn: string): Promise<Outcome> {
  const { status, output, error, cause, transitions, started_at, stopped_at } = await runner.ended(arn);
  const history = (await runner.send("GetExecutionHistory", { executionArn: arn, maxResults: 1000 })).body.events;
  return {
    ...{ arn, status, error, cause, transitions, history, milliseconds: (stopped_at ?? 0) - started_at },
    output: output === null ? null : JSON.parse(output),
    events: history.map((event: { type: string }) => event.type),
  };
}

async function invoke(
  functions: Record<string, LocalFunction>,
  calls: Record<string, unknown[]>,
  nameOrArn: string,
  payload: unknown,
): Promise<InvocationResult> {
  const name = nameOrArn.split(":").at(-1) ?? "";
  const known = functions[name];
  if (known === undefined) throw Object.assign(new Error(`Function not found: ${nameOrArn}`), { name: "ResourceNotFoundException" });
  calls[name] ??= [];
  const made = calls[name];
  made.push(payload);
  try {
    return { payload: (await known(payload, made.length)) ?? null, function_error: null };
  } catch (error) {
    if (error instanceof FunctionError) return { payload: error.payload, function_error: "Unhandled" };
    throw error;
  }
}

/** A Task that invokes a function by name and passes on its payload. */
export const task = (name: string, more: object = {}) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: name, Payload: "{% $states.input %}" },
  Output: "{% $states.result.Payload %}",
  ...("Next" in more ? {} : { End: true }),
  ...more,
});

/** What ends a state. */
export const end = { End: true };
export const pass = (more: object) => ({ Type: "Pass", End: true, ...more });

/** As JSON, with its quotes, more than the 256 KiB that a state may pass on. */
export const large = "x".repeat(262_144);
/** A function that does not answer. */
export const never = () => new Promise(() => {});

/** Fails so many times, then answers. */
export const failingTimes =
  (times: number, error = () => failing("Busy")): LocalFunction =>
  (_payload, call) => {
    if (call <= times) throw error();
    return `done at call ${call}`;
  };
