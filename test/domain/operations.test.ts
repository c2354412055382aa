import { describe, expect, test } from "vitest";
import type { Cause } from "../../domain/condition.ts";
import type { Head } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import {
  abortOperation,
  type Beginning,
  beginOperation,
  createDeployment,
  endOperation,
  storeRevision,
  sweepOperation,
} from "../../domain/operations.ts";
import { shiftTraffic, withdrawTraffic } from "../../domain/traffic.ts";
import type { OperationKind, Outcome } from "../../domain/words.ts";
import { aHead, aRevision, aSpecification, at } from "../doubles/deployments.ts";

const uid = "01JD7Z0000000000000000AAAA";
const actor = "ada@example.com";
const later = "2026-11-21T09:20:00.000Z";

function creation(start: { operation_id: string } | null) {
  const { resolved } = aRevision(1);
  return {
    uid,
    specification: aSpecification(),
    resolved,
    place: aHead().place,
    endpoint: "https://x/endpoints/card-scorer",
    actor,
    at,
    start,
  };
}
const beginning = (kind: OperationKind, over: Partial<Beginning> = {}): Beginning => ({
  kind,
  operation_id: `${kind}-1`,
  actor,
  at: later,
  deadline_seconds: 600,
  revision: null,
  target_revision: 1,
  strategy: "all_at_once",
  desired: { predictor: 2, transformer: null },
  ...over,
});
const end = (operation_id: string, outcome: Outcome, cause: Cause | null = null) => ({
  operation_id,
  outcome,
  cause,
  condition: null,
  at: later,
});

/** The traffic is moved as ShiftTraffic does it. */
const shifted = (head: Head): Head => ({
  ...head,
  slots: { ...head.slots, ...shiftTraffic(head.slots, head.active_operation?.slot ?? "blue") },
});
const withdrawn = (head: Head): Head => ({ ...head, slots: { ...head.slots, ...withdrawTraffic(head.slots) } });

function serving(): Head {
  const { after } = createDeployment(creation({ operation_id: "START-0" }));
  return endOperation(shifted(after), end("START-0", "SUCCEEDED")).after;
}
const types = (events: { type: string }[]) => events.map(({ type }) => type);

describe("create", () => {
  test("without start makes a deployment that nothing runs of", () => {
    const { before, after, events, revision, operation, card } = createDeployment(creation(null));
    expect(before).toBeUndefined();
    expect(operation).toBeUndefined();
    expect(after).toMatchObject({
      version: 1,
      epoch: 0,
      event_sequence: 2,
      started_once: false,
      revisions: { latest: 1, wanted: 1, running: null },
    });
    expect(types(events)).toEqual(["Deployment Created", "Revision Stored"]);
    expect(revision).toMatchObject({ revision: 1, update_message: "first" });
    expect(card).toMatchObject({ status: "CREATED", model: { name: "card-fraud", version: 3 } });
  });

  test("with start begins the operation in the same decision", () => {
    const { after, events, operation, card } = createDeployment(creation({ operation_id: "START-0" }));
    expect(after).toMatchObject({ version: 2, epoch: 1, event_sequence: 4, started_once: true });
    expect(after.slots.blue).toEqual({ revision: 1, epoch: 1, role: "preview", weight: 0, desired: { predictor: 1, transformer: null } });
    expect(types(events)).toEqual(["Deployment Created", "Revision Stored", "Operation Started", "Deployment State Changed"]);
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(events.map(({ operation_id }) => operation_id)).toEqual([null, null, "START-0", "START-0"]);
    expect(operation).toMatchObject({
      kind: "START",
      slot: "blue",
      epoch: 1,
      interrupts_serving: false,
      deadline: "2026-11-21T09:42:03.120Z",
    });
    expect(card.status).toBe("STARTING");
  });
});

describe("begin", () => {
  test("an update stores the revision and goes to the slot that is free", () => {
    const head = serving();
    const revision = aRevision(2, {
      specification: aSpecification({ access: "private", predictor: { ...aSpecification().predictor, model: null } }),
    });
    const { before, after, operation, events, card } = beginOperation(head, beginning("UPDATE", { revision, target_revision: 2 }));
    expect(before).toBe(head);
    expect(after).toMatchObject({ access: "private", model: null, revisions: { latest: 2, wanted: 2, running: 1 } });
    expect(after.version).toBe(head.version + 1);
    expect(after.epoch).toBe(head.epoch + 1);
    expect(after.slots).toMatchObject({
      blue: { revision: 1, role: "active", weight: 100 },
      green: { revision: 2, role: "preview", weight: 0 },
    });
    expect(operation).toMatchObject({
      slot: "green",
      interrupts_serving: false,
      weights: { blue: 100 },
      deadline: "2026-11-21T09:30:00.000Z",
    });
    expect(types(events)).toEqual(["Revision Stored", "Operation Started", "Deployment State Changed"]);
    expect(events.at(-1)).toMatchObject({
      before: { status: "RUNNING" },
      after: { status: "UPDATING", group: "fraud", deployment_id: "card-scorer", environment: "production", revision: 2 },
    });
    expect(card).toMatchObject({ status: "UPDATING", updated_at: later });
  });

  test("only a strategy that stops what serves first interrupts it", () => {
    const interrupts = (head: Head, over: Partial<Beginning>) =>
      beginOperation(head, beginning("RESTART", over)).operation?.interrupts_serving;
    expect(interrupts(serving(), { strategy: "recreate" })).toBe(true);
    expect(interrupts(serving(), { strategy: "all_at_once" })).toBe(false);
    expect(interrupts(aHead(), { strategy: "recreate" })).toBe(false);
  });

  test("a stop fills no slot and changes nothing that is wanted", () => {
    const { after, operation, card } = beginOperation(serving(), beginning("STOP"));
    expect(operation?.slot).toBeNull();
    expect(operation?.interrupts_serving).toBe(true);
    expect(after.slots).toEqual(serving().slots);
    expect(card.status).toBe("STOPPING");
  });

  test("a restart of the running revision gets names of its own by its epoch", () => {
    const { after } = beginOperation(serving(), beginning("RESTART"));
    expect(after.slots.green).toMatchObject({ revision: 1, epoch: 2 });
    expect(after.slots.blue).toMatchObject({ revision: 1, epoch: 1 });
  });

  test("two at once are a fault", () => {
    const { after } = beginOperation(serving(), beginning("STOP"));
    expect(() => beginOperation(after, beginning("START"))).toThrow(/operation STOP-1 runs/);
  });
});

test("a revision that is only stored moves the version, not the epoch", () => {
  const { after: head } = createDeployment(creation(null));
  const { after, events, card } = storeRevision(head, {
    revision: aRevision(2, { update_message: "more memory" }),
    actor: "bob",
    at: later,
  });
  expect(after).toMatchObject({
    version: 2,
    epoch: 0,
    event_sequence: 3,
    revisions: { latest: 2, wanted: 2, running: null },
    updated_by: "bob",
  });
  expect(events).toMatchObject([{ sequence: 3, type: "Revision Stored", message: "revision 2 stored: more memory", actor: "bob" }]);
  expect(card.status).toBe("CREATED");
});

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
