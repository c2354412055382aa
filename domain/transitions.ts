import type { Head } from "./deployment.ts";
import { Problem } from "./errors.ts";
import { type Action, actions, type OperationKind, type Status } from "./words.ts";

/** Which action may begin in which status. A deleted deployment allows none. */
const allowedIn: Readonly<Record<Action, readonly Status[]>> = {
  start: ["CREATED", "STOPPED", "FAILED"],
  stop: ["STARTING", "RUNNING", "IDLE", "UPDATING", "STOPPING", "FAILED"],
  restart: ["STARTING", "RUNNING", "IDLE", "UPDATING", "FAILED"],
  update: ["CREATED", "STARTING", "RUNNING", "IDLE", "UPDATING", "STOPPING", "STOPPED", "FAILED"],
  rollback: ["RUNNING", "IDLE", "UPDATING", "FAILED"],
  "smoke-test": ["RUNNING"],
  abort: [],
  delete: ["CREATED", "STARTING", "RUNNING", "IDLE", "UPDATING", "STOPPING", "STOPPED", "FAILED"],
};

/**
 * What gives way to an action: it is aborted first. Whatever else runs has to be waited for, and so has what already
 * does the same: of two people who ask for it at once, neither undoes the other's.
 */
const aborted: Readonly<Record<Action, readonly OperationKind[]>> = {
  start: ["SMOKE_TEST"],
  stop: ["START", "UPDATE", "ROLLBACK", "RESTART", "SMOKE_TEST"],
  restart: ["START", "UPDATE", "ROLLBACK", "SMOKE_TEST"],
  update: [],
  rollback: ["START", "UPDATE", "ROLLBACK", "RESTART", "SMOKE_TEST"],
  "smoke-test": [],
  abort: [],
  delete: ["START", "UPDATE", "ROLLBACK", "RESTART", "SMOKE_TEST", "STOP"],
};

export function allowedActions(status: Status, head: Head): Action[] {
  if (head.deleted_at) return [];
  const running = head.active_operation?.kind;
  const canBegin = (action: Action) => allowedIn[action].includes(status) && (!running || aborted[action].includes(running));
  return actions.filter((action) => canBegin(action) || (action === "abort" && running));
}

/** Why the action may not begin now; undefined when it may. */
export function refuse(action: Action, status: Status, head: Head): Problem | undefined {
  const allowed = allowedActions(status, head);
  if (allowed.includes(action)) return undefined;
  if (head.deleted_at)
    return new Problem("not-found", `deployment ${head.id} was deleted at ${head.deleted_at}: create it again to use it`);
  const running = head.active_operation;
  if (running) {
    return new Problem(
      "operation-in-progress",
      `${action} of ${head.id} has to wait: ${running.kind} ${running.id} runs${running.step ? ` (step ${running.step})` : ""} until ${running.deadline} at the latest. Ask again when it has ended, or abort it`,
      { members: { operation_id: running.id, status, allowed } },
    );
  }
  const reason = action === "abort" ? "no operation runs" : `its status is ${status}`;
  return new Problem("not-allowed-in-status", `${action} of ${head.id} is not possible: ${reason}. Possible now: ${allowed.join(", ")}`, {
    members: { status, allowed },
  });
}
