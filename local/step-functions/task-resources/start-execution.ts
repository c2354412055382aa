import type { Json, JsonObject } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import { type TaskName, taskFailed, taskScheduled, taskStarted, taskSubmitted, taskSucceeded, taskTimedOut } from "../history.ts";
import type { Execution } from "../records.ts";
import { ServiceError, startNamed } from "../start-named.ts";
import { isObject } from "./invocation.ts";
import type { TaskAttempt, TaskDone, TaskResource } from "./resource.ts";
import { refusalCause, withSdkMetadata } from "./service-answer.ts";

const parameters = { allowed: ["StateMachineArn", "Input", "Name"], required: ["StateMachineArn"] };

/** Starts another machine and goes on at once. */
export const startExecution: TaskResource = {
  ...named({ resourceType: "states", resource: "startExecution" }),
  async perform(task) {
    const name = { resourceType: "states", resource: "startExecution" };
    const result = startedAnswer(start(task, name, false));
    return { result, entries: [taskSucceeded(name, result)] };
  },
};

/** Waits for the other execution's end; Input and Output are JSON texts. */
export const startExecutionSync = waiting("startExecution.sync", (text) => text);
/** The same with Input and Output as JSON values. */
export const startExecutionSync2 = waiting("startExecution.sync:2", (text) => JSON.parse(text));

function waiting(resource: string, read: (text: string) => Json): TaskResource {
  const name = { resourceType: "states", resource };
  return {
    ...named(name),
    async perform(task, signal): Promise<TaskDone> {
      const { visit, pending } = task;
      const { host } = visit.run;
      if (pending.child === null) submit(task, name);
      const child = await host.ended(pending.child ?? "", signal);
      const result = described(child, read);
      if (child.status === "SUCCEEDED") return { result, entries: [taskSucceeded(name, result)] };
      const cause = JSON.stringify(result);
      throw new StateFailure("States.TaskFailed", cause, { entries: [taskFailed(name, "States.TaskFailed", cause)] });
    },
  };
}

function named(name: TaskName) {
  return {
    parameters,
    waitsForToken: false,
    scheduled: (task: TaskAttempt) => [taskScheduled(name, task.arguments, task), taskStarted(name)],
    timedOut: (error: string) => taskTimedOut(name, error),
  };
}

/** One transaction starts the child and writes down that this state waits for it. */
function submit(task: TaskAttempt, name: TaskName): void {
  const { visit, pending } = task;
  visit.run.host.store.transaction(() => {
    const child = start(task, name, true);
    pending.child = child.arn;
    pending.submitted = true;
    visit.record([taskSubmitted(name, startedAnswer(child))]);
  });
}

function start({ visit, arguments: given }: TaskAttempt, name: TaskName, waits: boolean): Execution {
  const { host, arn } = visit.run;
  const { StateMachineArn, Input, Name } = isObject(given) ? given : {};
  try {
    allow(visit.run.execution, String(StateMachineArn), waits, host.options.authorize);
    const input = typeof Input === "string" ? Input : JSON.stringify(Input ?? {});
    const parent = waits ? { arn, path: visit.scope.path } : undefined;
    return startNamed(host, String(StateMachineArn), { name: Name === undefined ? null : String(Name), input, parent });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const code = error.code === "AccessDeniedException" ? "AWSStepFunctionsException" : `${error.code}Exception`;
    const cause = refusalCause(error.message, "AWSStepFunctions", 400, error.code);
    throw new StateFailure(`StepFunctions.${code}`, cause, { entries: [taskFailed(name, `StepFunctions.${code}`, cause)] });
  }
}

/** What the machine's role needs on AWS: waiting is done by a managed rule, giving up by StopExecution. */
function allow(
  execution: Execution,
  machine: string,
  waits: boolean,
  authorize: (role: string, action: string, resource: string) => void,
): void {
  const [, , , region, account] = execution.machine_arn.split(":");
  const rule = `arn:aws:events:${region}:${account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;
  const children = `${machine.replace(":stateMachine:", ":execution:")}:*`;
  const always: [string, string][] = [["states:StartExecution", machine]];
  const forWaiting: [string, string][] = [
    ...["states:DescribeExecution", "states:StopExecution"].map((action): [string, string] => [action, children]),
    ...["events:PutTargets", "events:PutRule", "events:DescribeRule"].map((action): [string, string] => [action, rule]),
  ];
  for (const [action, resource] of waits ? [...always, ...forWaiting] : always) {
    try {
      authorize(execution.role_arn, action, resource);
    } catch (error) {
      throw new ServiceError("AccessDeniedException", error instanceof Error ? error.message : String(error));
    }
  }
}

const startedAnswer = (child: Execution): JsonObject => withSdkMetadata({ ExecutionArn: child.arn, StartDate: child.started_at });

/** DescribeExecution as integrations give it: capital names, times in milliseconds. */
function described(child: Execution, read: (text: string) => Json): JsonObject {
  const members: Record<string, Json | undefined> = {
    Cause: child.cause ?? undefined,
    Error: child.error ?? undefined,
    ExecutionArn: child.arn,
    Input: read(child.input),
    InputDetails: { Included: true },
    Name: child.name,
    ...(child.output === null ? {} : { Output: read(child.output), OutputDetails: { Included: true } }),
    StartDate: child.started_at,
    StateMachineArn: child.machine_arn,
    Status: child.status,
    StopDate: child.stopped_at ?? undefined,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}
