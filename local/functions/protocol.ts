/** What main thread and worker thread say to each other. Payloads are JSON text, as they are between Lambda and a runtime. */
export interface WorkerStart {
  /** Path of the module that the handler is in. */
  file: string;
  handler: string;
}
export interface WorkerInvocation {
  request_id: string;
  payload: string;
  /** Milliseconds since the epoch. */
  deadline: number;
  function_name: string;
  function_arn: string;
  memory_mb: number;
  log_group: string;
  log_stream: string;
}
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace: string[];
}
export type WorkerMessage =
  | { kind: "ready" }
  | { kind: "init-failed"; error: FunctionError }
  | { kind: "answer"; payload: string }
  | { kind: "failed"; error: FunctionError };
