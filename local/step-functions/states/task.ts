import { randomBytes } from "node:crypto";
import type { Json, TaskState } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import { refuseLarge } from "../limits.ts";
import { firstOf } from "../race.ts";
import { resourceOf } from "../task-resources/supported.ts";
import type { Departure, Visit } from "../visit.ts";

/** One attempt. An attempt that has handed its work over (a child execution, a token) is taken up again where it stands. */
export async function visitTask(visit: Visit, state: TaskState): Promise<Departure> {
  const { run, scope, frame } = visit;
  const resource = resourceOf(state.Resource);
  const timeout = state.TimeoutSeconds === undefined ? null : await visit.evaluateSeconds(state.TimeoutSeconds, "TimeoutSeconds", 1);
  const heartbeat =
    state.HeartbeatSeconds === undefined ? null : await visit.evaluateSeconds(state.HeartbeatSeconds, "HeartbeatSeconds", 1);
  if (scope.pending?.kind !== "task" || !scope.pending.submitted) begin(visit, timeout, resource.waitsForToken);
  const pending = scope.pending;
  if (pending?.kind !== "task") throw new Error(`the task '${scope.state}' has no place in the store`);
  const task = { visit, pending, heartbeat, timeout, arguments: null as Json };
  if (!pending.submitted) {
    task.arguments = state.Arguments === undefined ? scope.input : await visit.evaluate(state.Arguments, "Arguments");
    refuseLarge(task.arguments, scope.state);
    visit.record(resource.scheduled(task));
  }
  const { result, entries } = await firstOf(frame.signal, (signal) => resource.perform(task, signal), ...timeoutOf());
  const departure = await visit.depart(state, result, { result }).catch((error) => {
    if (error instanceof StateFailure) error.entries.unshift(...entries);
    throw error;
  });
  return { ...departure, entries };

  function timeoutOf() {
    const deadline = pending?.kind === "task" ? pending.deadline : null;
    if (deadline === null) return [];
    return [
      async (signal: AbortSignal): Promise<never> => {
        await run.host.options.clock.sleepUntil(deadline, signal);
        throw new StateFailure("States.Timeout", null, { entries: [resource.timedOut("States.Timeout")] });
      },
    ];
  }
}

/** The token must be in the store before anybody can see it. */
function begin(visit: Visit, timeout: number | null, waitsForToken: boolean): void {
  const { run, scope } = visit;
  const { store } = run.host;
  const now = run.now();
  const former = scope.pending?.kind === "task" ? scope.pending : null;
  const deadline = timeout === null ? null : now + timeout * 1000;
  const token = waitsForToken ? (former?.token ?? randomBytes(48).toString("base64url")) : null;
  scope.pending = { kind: "task", deadline, token, child: null, submitted: false };
  if (token === null || token === former?.token) return;
  store.transaction(() => {
    store.insertToken({ token, arn: run.arn, path: scope.path, heartbeat_at: now, result: null });
    visit.record([]);
  });
}
