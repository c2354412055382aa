import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { Worker } from "node:worker_threads";
import type { InvocationResult } from "../aws/service.ts";
import type { FunctionConfiguration } from "./configuration.ts";
import type { FunctionError, WorkerInvocation, WorkerMessage, WorkerStart } from "./protocol.ts";

/** Lambda's own limit on what a function may answer. */
const longestAnswer = 6_291_556;

/** Made plain JavaScript once: a thread that strips types itself takes 30 ms and 10 MB more to start. */
const runtime = stripTypeScriptTypes(readFileSync(new URL("worker.ts", import.meta.url), "utf8"));
const runtimeUrl = new URL(`data:text/javascript,${encodeURIComponent(runtime)}`);

interface Running {
  invocation: WorkerInvocation;
  timer: NodeJS.Timeout;
  settle(result: InvocationResult): void;
}

/** One execution environment: a worker thread with a process.env of its own, one event at a time. */
export class Environment {
  readonly logStream = `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomBytes(16).toString("hex")}`;
  /** Settles when the bundle is imported; with the error when that failed. */
  readonly ready: Promise<FunctionError | null>;
  /** Runs once, when the thread is over for whatever reason. */
  onEnd: () => void = () => {};
  /** True as soon as no further event may be given to it, which is before the thread has ended. */
  over = false;
  /** True once an event has been given to it. */
  used = false;
  private readonly worker: Worker;
  private readonly configuration: FunctionConfiguration;
  private running: Running | null = null;
  private initialized: (error: FunctionError | null) => void = () => {};
  private lastError: FunctionError | null = null;

  constructor(configuration: FunctionConfiguration, variables: Record<string, string>, log: (stream: string, text: string) => void) {
    this.configuration = configuration;
    const start: WorkerStart = { file: configuration.file, handler: configuration.handler };
    this.worker = new Worker(runtimeUrl, {
      workerData: start,
      name: configuration.title,
      env: variables,
      stdout: true,
      stderr: true,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      // The young generation counts against the size as well; small semi-spaces keep idle environments small.
      resourceLimits: { maxOldGenerationSizeMb: configuration.memory_mb, maxYoungGenerationSizeMb: 8 },
    });
    this.ready = new Promise((resolve) => {
      this.initialized = resolve;
    });
    for (const stream of [this.worker.stdout, this.worker.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => log(this.logStream, text));
    this.worker.on("message", (message: WorkerMessage) => this.hear(message));
    this.worker.on("error", (error) => this.crashed(error as Error & { code?: string }));
    this.worker.on("exit", (code) => this.exited(code));
  }

  run(request: Pick<WorkerInvocation, "request_id" | "payload">): Promise<InvocationResult> {
    const { timeout_seconds: seconds, name, arn, memory_mb, log_group } = this.configuration;
    const invocation: WorkerInvocation = {
      ...request,
      deadline: Date.now() + seconds * 1000,
      function_name: name,
      function_arn: arn,
      memory_mb,
      log_group,
      log_stream: this.logStream,
    };
    this.used = true;
    return new Promise((settle) => {
      this.running = { invocation, settle, timer: setTimeout(() => this.timedOut(), seconds * 1000) };
      this.worker.postMessage(invocation);
    });
  }

  async end(): Promise<void> {
    this.over = true;
    await this.worker.terminate();
  }

  private hear(message: WorkerMessage): void {
    if (message.kind === "ready") this.initialized(null);
    else if (message.kind === "init-failed") this.initialized(message.error);
    else if (message.kind === "failed") this.settle({ payload: message.error, function_error: "Unhandled" });
    else if (message.payload.length > longestAnswer)
      this.settleFailed(
        "Function.ResponseSizeTooLarge",
        `Response payload size exceeded maximum allowed payload size (${longestAnswer} bytes).`,
      );
    else this.settle({ payload: JSON.parse(message.payload), function_error: null });
  }

  private timedOut(): void {
    const { timeout_seconds: seconds } = this.configuration;
    void this.end();
    this.settleFailed("Sandbox.Timedout", `RequestId: ${this.requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`);
  }

  private crashed(error: Error & { code?: string }): void {
    this.over = true;
    const outOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
    this.lastError = {
      errorType: outOfMemory ? "Runtime.OutOfMemory" : "Runtime.UnhandledPromiseRejection",
      errorMessage: outOfMemory
        ? `RequestId: ${this.requestId} Error: Runtime exited with error: signal: killed`
        : `${error.name}: ${error.message}`,
      trace: (error.stack ?? "").split("\n"),
    };
  }

  private exited(code: number): void {
    this.over = true;
    const error = this.lastError ?? {
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${this.requestId} Error: Runtime exited ${code === 0 ? "without providing a reason" : `with error: exit status ${code}`}`,
      trace: [],
    };
    this.initialized(error);
    this.settle({ payload: error, function_error: "Unhandled" });
    this.onEnd();
  }

  private get requestId(): string {
    return this.running?.invocation.request_id ?? "none";
  }

  private settleFailed(errorType: string, errorMessage: string): void {
    this.settle({ payload: { errorType, errorMessage }, function_error: "Unhandled" });
  }

  private settle(result: InvocationResult): void {
    const { running } = this;
    if (running === null) return;
    this.running = null;
    clearTimeout(running.timer);
    running.settle(result);
  }
}
