/** The runtime inside a worker thread: imports the bundle, then answers one event at a time until the thread is ended. */
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { FunctionError, WorkerInvocation, WorkerMessage, WorkerStart } from "./protocol.ts";

type Handler = (event: unknown, context: object) => unknown;

const { file, handler: handlerName } = workerData as WorkerStart;
const say = (message: WorkerMessage): void => parentPort?.postMessage(message);

await start();

async function start(): Promise<void> {
  let handler: Handler;
  try {
    handler = await load();
  } catch (error) {
    say({ kind: "init-failed", error: describe(error) });
    return;
  }
  parentPort?.on("message", (invocation: WorkerInvocation) => void answer(handler, invocation));
  say({ kind: "ready" });
}

async function load(): Promise<Handler> {
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const handler = module[handlerName];
  if (typeof handler === "function") return handler as Handler;
  const missing = new Error(`index.${handlerName} is undefined or not exported`);
  missing.name = "Runtime.HandlerNotFound";
  throw missing;
}

async function answer(handler: Handler, invocation: WorkerInvocation): Promise<void> {
  try {
    const result = await handler(JSON.parse(invocation.payload), contextOf(invocation));
    say({ kind: "answer", payload: JSON.stringify(result) ?? "null" });
  } catch (error) {
    const described = describe(error);
    console.error(JSON.stringify({ level: "ERROR", requestId: invocation.request_id, message: "Invoke Error", error: described }));
    say({ kind: "failed", error: described });
  }
}

function contextOf(invocation: WorkerInvocation): object {
  return {
    awsRequestId: invocation.request_id,
    functionName: invocation.function_name,
    functionVersion: "$LATEST",
    invokedFunctionArn: invocation.function_arn,
    memoryLimitInMB: String(invocation.memory_mb),
    logGroupName: invocation.log_group,
    logStreamName: invocation.log_stream,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - Date.now()),
  };
}

/** As Lambda's Node runtime reports an error: its name, not its class, so that a workflow can catch it by name. */
function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: traceOf(error) };
}

/** This module comes as a URL that holds its whole text: a trace names it as Lambda's names its runtime. */
function traceOf({ stack = "" }: Error): string[] {
  return stack.split("\n").map((line) => line.replace(/data:text\/javascript,\S*:(\d+:\d+)/, "runtime:$1"));
}
