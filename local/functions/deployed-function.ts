import { randomUUID } from "node:crypto";
import { AwsError } from "../aws/error.ts";
import type { InvocationResult } from "../aws/service.ts";
import type { FunctionConfiguration } from "./configuration.ts";
import { Environment } from "./environment.ts";

/** Where what a function prints goes. */
export type FunctionLog = (stream: string, lines: string[]) => void;

export interface InvocationRecord {
  /** Construct name: `ReadRecord`. */
  function: string;
  /** The first one of its environment. */
  cold: boolean;
  /** Of the handler, without the start of the environment. */
  milliseconds: number;
  /** Name of the error that it threw. */
  error: string | null;
}

/** Environments that a function may have here; a burst beyond it waits instead of filling a laptop's memory. */
const mostEnvironments = 32;
/** More starting at once would only slow each other down on a few cores. */
const mostStarting = 2;
/** An idle environment keeps 20 MB; a new one starts within a tenth of a second. */
const idleMilliseconds = 30_000;

interface Waiting {
  request_id: string;
  payload: string;
  settle(result: InvocationResult): void;
}

/** One function: gives each event an environment of its own, starting and reusing them as Lambda does. */
export class DeployedFunction {
  readonly configuration: FunctionConfiguration;
  private readonly variables: Record<string, string>;
  private readonly log: FunctionLog;
  private readonly onInvocation: (invocation: InvocationRecord) => void;
  private readonly environments = new Set<Environment>();
  private readonly reapers = new Map<Environment, NodeJS.Timeout>();
  private readonly idle: Environment[] = [];
  private readonly waiting: Waiting[] = [];
  private starting = 0;
  private busy = 0;
  private stopped = false;

  constructor(
    configuration: FunctionConfiguration,
    variables: Record<string, string>,
    log: FunctionLog,
    onInvocation: (invocation: InvocationRecord) => void = () => {},
  ) {
    this.configuration = configuration;
    this.variables = variables;
    this.log = log;
    this.onInvocation = onInvocation;
  }

  /** Errors: TooManyRequestsException when all reserved executions are in use. */
  invoke(payload: unknown): Promise<InvocationResult> {
    const { reserved_executions: reserved, name } = this.configuration;
    if (this.stopped) return Promise.reject(new AwsError("ServiceException", `${name} is stopping with the local system`, 500));
    if (reserved !== null && this.busy + this.waiting.length >= reserved) {
      return Promise.reject(
        new AwsError("TooManyRequestsException", `Rate Exceeded: ${name} has ${reserved} reserved concurrent executions, all in use`, 429),
      );
    }
    return new Promise((settle) => {
      this.waiting.push({ request_id: randomUUID(), payload: JSON.stringify(payload ?? null), settle });
      this.dispatch();
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.reapers.values()) clearTimeout(timer);
    const stopping = { errorType: "ServiceException", errorMessage: `${this.configuration.name} is stopping with the local system` };
    for (const { settle } of this.waiting.splice(0)) settle({ payload: stopping, function_error: "Unhandled" });
    await Promise.all([...this.environments].map((environment) => environment.end()));
  }

  private dispatch(): void {
    while (this.waiting.length > 0 && this.idle.length > 0) {
      const environment = this.idle.pop() as Environment;
      if (!environment.over) void this.serve(environment, this.waiting.shift() as Waiting);
    }
    while (this.starting < Math.min(this.waiting.length, mostStarting) && this.environments.size < mostEnvironments)
      void this.startEnvironment();
  }

  private async startEnvironment(): Promise<void> {
    this.starting += 1;
    const environment = new Environment(this.configuration, this.variables, (stream, text) => this.log(stream, linesOf(text)));
    this.environments.add(environment);
    environment.onEnd = () => this.forget(environment);
    const error = await environment.ready;
    this.starting -= 1;
    if (error === null) this.release(environment);
    else this.failToStart(environment, error);
  }

  private failToStart(environment: Environment, error: object): void {
    this.log(environment.logStream, [JSON.stringify(error)]);
    this.waiting.shift()?.settle({ payload: error, function_error: "Unhandled" });
    void environment.end();
    this.dispatch();
  }

  private async serve(environment: Environment, { request_id, payload, settle }: Waiting): Promise<void> {
    clearTimeout(this.reapers.get(environment));
    this.busy += 1;
    const cold = !environment.used;
    const began = performance.now();
    const result = await environment.run({ request_id, payload });
    this.busy -= 1;
    const milliseconds = performance.now() - began;
    const end = [`END RequestId: ${request_id}`, `REPORT RequestId: ${request_id} Duration: ${milliseconds.toFixed(2)} ms`];
    this.onInvocation({ function: this.configuration.title, cold, milliseconds, error: errorName(result) });
    this.log(environment.logStream, result.function_error === null ? end : [describeFailure(result.payload), ...end]);
    if (!environment.over) this.release(environment);
    settle(result);
  }

  private release(environment: Environment): void {
    this.idle.push(environment);
    this.reapers.set(environment, setTimeout(() => void environment.end(), idleMilliseconds).unref());
    this.dispatch();
  }

  private forget(environment: Environment): void {
    this.environments.delete(environment);
    clearTimeout(this.reapers.get(environment));
    this.reapers.delete(environment);
    const place = this.idle.indexOf(environment);
    if (place >= 0) this.idle.splice(place, 1);
    if (!this.stopped) this.dispatch();
  }
}

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");

const errorName = ({ function_error, payload }: InvocationResult): string | null =>
  function_error === null ? null : ((payload as { errorType?: string }).errorType ?? function_error);

function describeFailure(payload: unknown): string {
  const { errorType, errorMessage } = payload as { errorType?: string; errorMessage?: string };
  return `${errorType}: ${errorMessage}`;
}
