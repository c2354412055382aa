import { randomBytes } from "node:crypto";
import type { TaskState } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import { refuseLarge } from "../limits.ts";
import { firstOf } from "../race.ts";
import { type TaskAttempt, type TaskResource, wrongArguments } from "../task-resources/resource.ts";
import { resourceOf } from "../task-resources/supported.ts";
import type { Departure, Visit } from "../visit.ts";

/** One attempt. An attempt that has handed its work over (a child execution, a token) is taken up again where it stands. */
export async function visitTask(visit: Visit, state: TaskState): Promise<Departure> {
  const { scope, frame } = visit;
  const resource = resourceOf(state.Resource);
  const timeout = state.TimeoutSeconds === undefined ? null : await visit.evaluateSeconds(state.TimeoutSeconds, "TimeoutSeconds", 1);
  const heartbeat =
    state.HeartbeatSeconds === undefined ? null : await visit.evaluateSeconds(state.HeartbeatSeconds, "HeartbeatSeconds", 1);
  const pending = begin(visit, timeout, resource.waitsForToken);
  const task: TaskAttempt = { visit, pending, heartbeat, timeout, arguments: null };
  if (!pending.submitted) {
    task.arguments = state.Arguments === undefined ? scope.input : await visit.evaluate(state.Arguments, "Arguments");
    const wrong = resource.parameters === null ? [] : wrongArguments(task.arguments, resource.parameters);
    if (wrong.length > 0) throw new StateFailure("States.Runtime", `The Arguments of the state '${scope.state}': ${wrong.join("; ")}.`);
    refuseLarge(task.arguments, scope.state);
    visit.record(resource.scheduled(task));
  }
  const { result, entries } = await firstOf(frame.signal, (signal) => resource.perform(task, signal), ...deadlineOf(task, resource));
  const departure = await visit.depart(state, result, { result }).catch((error) => {
    if (error instanceof StateFailure) error.entries.unshift(...entries);
    throw error;
  });
  return { ...departure, entries };
}

function deadlineOf({ visit, pending }: TaskAttempt, resource: TaskResource): ((signal: AbortSignal) => Promise<never>)[] {
  const { deadline } = pending;
  if (deadline === null) return [];
  const timeOut = async (signal: AbortSignal) => {
    await visit.run.host.options.clock.sleepUntil(deadline, signal);
    throw new StateFailure("States.Timeout", null, { entries: [resource.timedOut("States.Timeout")] });
  };
  return [timeOut];
}

/** Takes up what was handed over, or begins an attempt. A token must be in the store before anybody can see it. */
function begin(visit: Visit, timeout: number | null, waitsForToken: boolean): TaskAttempt["pending"] {
  const { run, scope } = visit;
  const { store } = run.host;
  const former = scope.pending?.kind === "task" ? scope.pending : null;
  if (former?.submitted) return former;
  const now = run.now();
  const deadline = timeout === null ? null : now + timeout * 1000;
  const token = waitsForToken ? (former?.token ?? randomBytes(48).toString("base64url")) : null;
  const pending: TaskAttempt["pending"] = { kind: "task", deadline, token, child: null, submitted: false };
  scope.pending = pending;
  if (token === null || token === former?.token) return pending;
  store.transaction(() => {
    store.insertToken({ token, arn: run.arn, path: scope.path, heartbeat_at: now, result: null });
    visit.record([]);
  });
  return pending;
}
