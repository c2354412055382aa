import type { Json, JsonObject } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import {
  type HistoryEntry,
  type TaskName,
  taskFailed,
  taskScheduled,
  taskStarted,
  taskSubmitted,
  taskSucceeded,
  taskTimedOut,
} from "../history.ts";
import { firstOf } from "../race.ts";
import { invokeFunction, isObject } from "./invocation.ts";
import type { TaskAttempt, TaskDone, TaskResource } from "./resource.ts";
import { withSdkMetadata } from "./service-answer.ts";

const parameters = { allowed: ["FunctionName", "Payload"], required: ["FunctionName"] };

/** `lambda:invoke`: the function's payload is in `Payload` of the result. */
export const lambdaInvoke: TaskResource = {
  ...named({ resourceType: "lambda", resource: "invoke" }),
  waitsForToken: false,
  async perform(task) {
    const result = await failingAs(invokeName, () => invoke(task));
    return { result, entries: [taskSucceeded(invokeName, result)] };
  },
};
const invokeName = { resourceType: "lambda", resource: "invoke" };

/** `lambda:invoke.waitForTaskToken`: the function's answer is not the result; what is sent for the token is. */
export const lambdaInvokeWaitForTaskToken: TaskResource = {
  ...named({ resourceType: "lambda", resource: "invoke.waitForTaskToken" }),
  waitsForToken: true,
  async perform(task, signal): Promise<TaskDone> {
    const result = await failingAs(tokenName, () =>
      firstOf(
        signal,
        (waiting) => awaitToken(task, waiting),
        (submitting) => submit(task, submitting),
      ),
    );
    return { result, entries: [taskSucceeded(tokenName, result)] };
  },
};
const tokenName = { resourceType: "lambda", resource: "invoke.waitForTaskToken" };

function named(name: TaskName) {
  return {
    parameters,
    scheduled: (task: TaskAttempt) => [taskScheduled(name, task.arguments, task), taskStarted(name)],
    timedOut: (error: string) => taskTimedOut(name, error),
  };
}

async function invoke({ visit, arguments: given }: TaskAttempt): Promise<JsonObject> {
  const { FunctionName, Payload = {} } = isObject(given) ? given : {};
  if (typeof FunctionName !== "string")
    throw new StateFailure("States.Runtime", `lambda:invoke needs a FunctionName, got ${JSON.stringify(given)}`);
  const payload = await invokeFunction(visit, FunctionName, Payload, "lambda");
  return withSdkMetadata({ ExecutedVersion: "$LATEST", Payload: payload, StatusCode: 200 });
}

/** Never gives a result: once the function has answered, only the token counts. */
async function submit(task: TaskAttempt, signal: AbortSignal): Promise<never> {
  const { visit, pending } = task;
  if (!pending.submitted) {
    const answer = await invoke(task);
    signal.throwIfAborted();
    pending.submitted = true;
    visit.record([taskSubmitted(tokenName, answer)]);
  }
  return new Promise(() => {});
}

/** What SendTaskSuccess or SendTaskFailure says. Heartbeats count from when this process began to wait: while it was down nobody could send any. */
async function awaitToken({ visit, pending, heartbeat }: TaskAttempt, signal: AbortSignal): Promise<Json> {
  const { host } = visit.run;
  const { store, options } = host;
  const token = pending.token ?? "";
  store.changeToken(token, { heartbeat_at: visit.run.now() });
  for (;;) {
    const row = store.token(token);
    if (row === undefined) throw new Error(`the token of '${visit.scope.state}' is not in the store`);
    if (row.result !== null && "output" in row.result) return row.result.output;
    if (row.result !== null) throw new StateFailure(row.result.error, row.result.cause);
    const due = heartbeat === null ? null : row.heartbeat_at + heartbeat * 1000;
    if (due !== null && visit.run.now() >= due) throw heartbeatMissed();
    const beat = due === null ? [] : [(sleeping: AbortSignal) => options.clock.sleepUntil(due, sleeping)];
    await firstOf(signal, (waiting) => host.tokenSignalled(token, waiting), ...beat);
  }
}

function heartbeatMissed(): StateFailure {
  const entries: HistoryEntry[] = [taskTimedOut(tokenName, "States.HeartbeatTimeout")];
  return new StateFailure("States.HeartbeatTimeout", null, { entries, aliases: ["States.Timeout"] });
}

async function failingAs<T>(name: TaskName, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StateFailure && error.entries.length === 0) error.entries.push(taskFailed(name, error.error, error.failureCause));
    throw error;
  }
}
