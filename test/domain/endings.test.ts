import { describe, expect, test } from "vitest";
import type { Head } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import { abortOperation, beginOperation, createDeployment, endOperation, sweepOperation } from "../../domain/operations.ts";
import { aRevision, at } from "../doubles/deployments.ts";
import { beginning, creation, end, later, serving, shifted, types, withdrawn } from "./operating.ts";

describe("end", () => {
  const update = () => beginOperation(serving(), beginning("UPDATE", { revision: aRevision(2), target_revision: 2 })).after;

  test("a success leaves the operation's slot alone, with all traffic", () => {
    const head = shifted(update());
    const { before, after, events, card, operation } = endOperation(head, end("UPDATE-1", "SUCCEEDED"));
    expect(before).toBe(head);
    expect(after.slots).toMatchObject({ blue: null, green: { revision: 2, role: "active", weight: 100 } });
    expect(after).toMatchObject({
      epoch: head.epoch,
      version: head.version + 1,
      active_operation: null,
      revisions: { wanted: 2, running: 2 },
    });
    expect(after.last_operation).toMatchObject({ id: "UPDATE-1", outcome: "SUCCEEDED", revision: 2, cause: null });
    expect(types(events)).toEqual(["Traffic Moved", "Operation Ended", "Deployment State Changed"]);
    expect(events.every(({ operation_id }) => operation_id === "UPDATE-1")).toBe(true);
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", weights: { green: 100 }, ended_at: later });
    expect(card.status).toBe("RUNNING");
  });

  test("a success that has no traffic is a fault", () => {
    expect(() => endOperation(update(), end("UPDATE-1", "SUCCEEDED"))).toThrow(/slot green has no traffic/);
  });

  test("a failure with the old revision gone leaves nothing that runs", () => {
    const head: Head = { ...withdrawn(update()), slots: { ...update().slots, blue: null } };
    const cause = { reason: "ImagePullBackOff", message: "image cannot be pulled" };
    const { after, events, card } = endOperation(head, end("UPDATE-1", "FAILED", cause));
    expect(after.slots).toEqual({ blue: null, green: null });
    expect(after.revisions).toMatchObject({ latest: 2, wanted: 2, running: null });
    expect(events.find(({ type }) => type === "Operation Ended")).toMatchObject({
      message: "UPDATE of revision 2 failed: image cannot be pulled",
      after: { outcome: "FAILED", cause },
    });
    expect(events.find(({ type }) => type === "Traffic Moved")).toMatchObject({
      message: "nothing receives traffic",
      before: { revision: 1 },
    });
    expect(card.status).toBe("FAILED");
  });

  test("a failure that never touched the traffic keeps naming what runs", () => {
    const { after, card, events } = endOperation(update(), end("UPDATE-1", "FAILED"));
    expect(after).toMatchObject({ slots: { blue: { revision: 1, weight: 100 }, green: null }, revisions: { wanted: 2, running: 1 } });
    expect(types(events)).toEqual(["Operation Ended", "Deployment State Changed"]);
    expect(card.status).toBe("RUNNING");
  });

  test("after a rollback the revision that runs is wanted again", () => {
    const { after } = endOperation(update(), end("UPDATE-1", "ROLLED_BACK"));
    expect(after.revisions).toMatchObject({ latest: 2, wanted: 1, running: 1 });
    expect(after.hold).toMatchObject({ by: "slipway", reason: expect.stringContaining("revision 2 was rolled back") });
    expect(after.last_operation).toMatchObject({ outcome: "ROLLED_BACK", revision: 2 });
  });

  test("a stop that succeeded empties both slots; one that failed says what is there", () => {
    const head = beginOperation(serving(), beginning("STOP")).after;
    const stopped = endOperation(head, end("STOP-1", "SUCCEEDED"));
    expect(stopped.after).toMatchObject({ slots: { blue: null, green: null }, revisions: { wanted: 1, running: null }, deleted_at: null });
    expect(stopped.card.status).toBe("STOPPED");
    const failed = endOperation(withdrawn(head), end("STOP-1", "FAILED"));
    expect(failed.after.slots.blue).toMatchObject({ weight: 0, role: "warm" });
    expect(failed.card.status).toBe("FAILED");
  });

  test("a delete that succeeded dates the end", () => {
    const { after, events } = endOperation(beginOperation(serving(), beginning("DELETE")).after, end("DELETE-1", "SUCCEEDED"));
    expect(after.deleted_at).toBe(later);
    expect(types(events).at(-1)).toBe("Deployment Deleted");
  });

  test("steps that still ran end with the operation", () => {
    const head = update();
    const step = (name: string, over = {}) => ({ name, started_at: at, ended_at: null, outcome: null, detail: null, ...over });
    const steps = [step("Prepare", { ended_at: at, outcome: "SUCCEEDED" }), step("AwaitReady")];
    const running: Head = { ...head, active_operation: head.active_operation && { ...head.active_operation, step: "AwaitReady", steps } };
    const ending = endOperation(running, end("UPDATE-1", "FAILED", { reason: "X", message: "no room" }));
    expect(ending.operation.steps).toMatchObject([
      { name: "Prepare", ended_at: at, outcome: "SUCCEEDED", detail: null },
      { name: "AwaitReady", ended_at: later, outcome: "FAILED", detail: "no room" },
    ]);
  });

  test.each([
    ["none runs", serving()],
    ["another runs", update()],
  ])("of an operation when %s is stale", (_, head) => {
    expect(() => endOperation(head, end("OTHER", "SUCCEEDED"))).toThrow(WorkflowError);
    expect(() => sweepOperation(head, { operation_id: "OTHER", at: later })).toThrow(expect.objectContaining({ name: "StaleEpoch" }));
  });

  test("the card's status can say more than the record knows", () => {
    expect(endOperation(shifted(update()), { ...end("UPDATE-1", "SUCCEEDED"), status: "IDLE" }).card.status).toBe("IDLE");
  });
});

describe("a forced end", () => {
  const head = beginOperation(serving(), beginning("UPDATE", { revision: aRevision(2), target_revision: 2 })).after;

  test("by the sweeper raises the epoch and forgets no slot", () => {
    const { after, operation, card } = sweepOperation(head, { operation_id: "UPDATE-1", at: later });
    expect(after).toMatchObject({ epoch: head.epoch + 1, version: head.version + 1, active_operation: null, slots: head.slots });
    expect(operation).toMatchObject({ outcome: "FAILED", cause: { reason: "DeadlineExceeded" } });
    expect(operation.cause?.message).toContain("did not end by its deadline 2026-11-21T09:30:00.000Z: step Prepare");
    expect(card.status).toBe("RUNNING");
  });

  test("by a person is a cancellation in that person's name", () => {
    const { operation, events, after } = abortOperation(head, { operation_id: "UPDATE-1", actor: "bob", at: later });
    expect(operation).toMatchObject({
      outcome: "CANCELLED",
      cause: { reason: "Aborted", message: "UPDATE of revision 2 was aborted by bob" },
    });
    expect(events.map((event) => event.actor)).toEqual(events.map(() => "bob"));
    expect(after.epoch).toBe(head.epoch + 1);
  });

  test("of a first start leaves what may be in the cluster named, and the deployment failed", () => {
    const started = createDeployment(creation({ operation_id: "START-0" })).after;
    const { after, card } = abortOperation(started, { operation_id: "START-0", actor: "bob", at: later });
    expect(after.slots.blue).toMatchObject({ role: "preview" });
    expect(card.status).toBe("FAILED");
  });
});
