import { describe, expect, test } from "vitest";
import type { Head } from "../../domain/deployment.ts";
import { type Beginning, beginOperation, createDeployment, storeRevision } from "../../domain/operations.ts";
import { aHead, aRevision, aSpecification } from "../doubles/deployments.ts";
import { beginning, creation, later, serving, types } from "./operating.ts";

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
  // Revisions never change: their numbers say what the specification was before and after.
  const changed = { before: { revision: 1 }, after: { revision: 2 } };
  expect(events).toMatchObject([
    { sequence: 3, type: "Revision Stored", message: "revision 2 stored: more memory", actor: "bob", ...changed },
  ]);
  expect(card.status).toBe("CREATED");
});
