import { describe, expect, test } from "vitest";
import type { ActiveOperation } from "../../domain/deployment.ts";
import { allowedActions, refuse } from "../../domain/transitions.ts";
import { type Action, actions, type Status, statuses } from "../../domain/words.ts";
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
  STARTING: ["stop", "update", "delete"],
  RUNNING: ["stop", "restart", "update", "rollback", "smoke-test", "delete"],
  IDLE: ["stop", "restart", "update", "rollback", "delete"],
  UPDATING: ["stop", "update", "rollback", "delete"],
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

  test.each(actions.filter((action) => action !== "abort"))("%s has to wait", (action) => {
    const problem = refuse(action, "UPDATING", head);
    expect(problem).toMatchObject({ code: "operation-in-progress", members: { operation_id: running.id, status: "UPDATING" } });
    expect(problem?.message).toContain(`UPDATE ${running.id} runs (step AwaitReady) until ${running.deadline}`);
  });

  test("it can be aborted", () => {
    expect(refuse("abort", "UPDATING", head)).toBeUndefined();
  });
});

test.each(actions)("nothing is possible with what was deleted: %s", (action) => {
  expect(refuse(action, "STOPPED", aHead({ deleted_at: at }))).toMatchObject({ code: "not-found" });
});
