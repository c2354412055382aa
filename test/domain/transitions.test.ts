import { describe, expect, test } from "vitest";
import type { ActiveOperation } from "../../domain/operation.ts";
import { allowedActions, refuse } from "../../domain/transitions.ts";
import { type Action, actions, type OperationKind, type Status, statuses } from "../../domain/words.ts";
import { aHead, at } from "../doubles/deployments.ts";

const running: ActiveOperation = {
  id: "01JD7Z0000000000000000AAAA",
  kind: "UPDATE",
  revision: 2,
  slot: "green",
  actor: "ada",
  started_at: at,
  deadline: "2026-11-21T09:42:03.120Z",
  step: "AwaitReady",
  steps: [],
};

/** The rows of the product's table. */
const may: Record<Status, Action[]> = {
  CREATED: ["start", "update", "delete"],
  STARTING: ["stop", "restart", "update", "delete"],
  RUNNING: ["stop", "restart", "update", "rollback", "smoke-test", "delete"],
  IDLE: ["stop", "restart", "update", "rollback", "delete"],
  UPDATING: ["stop", "restart", "update", "rollback", "delete"],
  STOPPING: ["stop", "update", "delete"],
  STOPPED: ["start", "update", "delete"],
  FAILED: ["start", "stop", "restart", "update", "rollback", "delete"],
};

describe("while no operation runs", () => {
  test.each(statuses)("%s", (status) => {
    expect(allowedActions(status, aHead())).toEqual(may[status]);
    for (const action of actions) {
      const problem = refuse(action, status, aHead());
      if (may[status].includes(action)) expect(problem).toBeUndefined();
      else expect(problem).toMatchObject({ code: "not-allowed-in-status", members: { status, allowed: may[status] } });
    }
  });

  test("a refusal says why, and what is possible", () => {
    expect(refuse("start", "RUNNING", aHead())?.message).toBe(
      "start of card-scorer is not possible: its status is RUNNING. Possible now: stop, restart, update, rollback, smoke-test, delete",
    );
    expect(refuse("abort", "RUNNING", aHead())?.message).toContain("no operation runs");
  });
});

describe("while an operation runs", () => {
  const head = aHead({ active_operation: running });

  test("an update has to wait, and is told for what", () => {
    const problem = refuse("update", "UPDATING", head);
    const allowed = ["stop", "restart", "rollback", "abort", "delete"];
    expect(problem).toMatchObject({ code: "operation-in-progress", members: { operation_id: running.id, status: "UPDATING", allowed } });
    expect(problem?.message).toContain(`UPDATE ${running.id} runs (step AwaitReady) until ${running.deadline}`);
  });

  test.each<[OperationKind, Status, Action[]]>([
    ["START", "STARTING", ["stop", "restart", "abort", "delete"]],
    ["UPDATE", "STARTING", ["stop", "restart", "abort", "delete"]],
    ["UPDATE", "UPDATING", ["stop", "restart", "rollback", "abort", "delete"]],
    ["ROLLBACK", "UPDATING", ["stop", "restart", "rollback", "abort", "delete"]],
    ["RESTART", "UPDATING", ["stop", "rollback", "abort", "delete"]],
    ["SMOKE_TEST", "RUNNING", ["stop", "restart", "rollback", "abort", "delete"]],
    ["SMOKE_TEST", "FAILED", ["start", "stop", "restart", "rollback", "abort", "delete"]],
    ["STOP", "STOPPING", ["abort", "delete"]],
    ["DELETE", "STOPPING", ["abort"]],
  ])("%s of a deployment that is %s gives way to some, and what does the same to nobody", (kind, status, expected) => {
    const busy = aHead({ active_operation: { ...running, kind } });
    expect(allowedActions(status, busy)).toEqual(expected);
    for (const action of actions) {
      const problem = refuse(action, status, busy);
      if (expected.includes(action)) expect(problem).toBeUndefined();
      else expect(problem).toMatchObject({ code: "operation-in-progress", members: { operation_id: running.id, allowed: expected } });
    }
  });
});

test.each(actions)("nothing is possible with what was deleted: %s", (action) => {
  expect(refuse(action, "STOPPED", aHead({ deleted_at: at }))).toMatchObject({ code: "not-found" });
});
