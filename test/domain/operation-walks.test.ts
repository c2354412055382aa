import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ending } from "../../domain/decision.ts";
import type { Head } from "../../domain/deployment.ts";
import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import type { Operation } from "../../domain/operation.ts";
import { abortOperation, beginOperation, createDeployment, endOperation, storeRevision, sweepOperation } from "../../domain/operations.ts";
import { recordedStatus } from "../../domain/recorded-status.ts";
import type { Revision } from "../../domain/revision.ts";
import { servedTimes } from "../../domain/serving.ts";
import { retireSlot, servingSlot, shiftTraffic, slotsInTheWay, withdrawTraffic } from "../../domain/traffic.ts";
import { allowedActions } from "../../domain/transitions.ts";
import { slotNames } from "../../domain/words.ts";
import { aHead, aRevision, aSpecification, at } from "../doubles/deployments.ts";

/** One thing that happens to a deployment; what does not apply in its state is skipped. */
type Happening =
  | "start"
  | "stop"
  | "restart"
  | "update"
  | "delete"
  | "withdraw"
  | "retire"
  | "shift"
  | "succeed"
  | "fail"
  | "roll back"
  | "sweep"
  | "abort";
const happenings = fc.array(
  fc.constantFrom<Happening[]>(
    "start",
    "stop",
    "restart",
    "update",
    "delete",
    "withdraw",
    "retire",
    "shift",
    "shift",
    "succeed",
    "succeed",
    "fail",
    "roll back",
    "sweep",
    "abort",
  ),
  { maxLength: 60 },
);

interface Walk {
  head: Head;
  history: DeploymentEvent[];
  revisions: Revision[];
  operations: Operation[];
}

function begin(walk: Walk): Walk {
  const decision = createDeployment({
    uid: "01JD7Z0000000000000000AAAA",
    specification: aSpecification(),
    resolved: aRevision(1).resolved,
    place: aHead().place,
    actor: "ada",
    at,
    start: null,
  });
  return { ...walk, head: decision.after, history: decision.events, revisions: [aRevision(1)] };
}

const kinds = { start: "START", stop: "STOP", restart: "RESTART", update: "UPDATE", delete: "DELETE" } as const;

function asked(walk: Walk, action: keyof typeof kinds): Walk {
  const { head } = walk;
  const status = recordedStatus(head);
  if (head.active_operation || !allowedActions(status, head).includes(action)) return walk;
  const revision = action === "update" ? aRevision(head.revisions.latest + 1) : null;
  const storedOnly = revision && (status === "CREATED" || status === "STOPPED");
  const decision = storedOnly
    ? storeRevision(head, { revision, actor: "ada", at })
    : beginOperation(head, {
        kind: kinds[action],
        operation_id: `operation-${walk.operations.length + 1}`,
        actor: "ada",
        at,
        deadline_seconds: 600,
        revision,
        target_revision: revision?.revision ?? head.revisions.wanted,
        strategy: "all_at_once",
        desired: { predictor: 1, transformer: null },
      });
  return {
    head: decision.after,
    history: [...walk.history, ...decision.events],
    revisions: revision ? [...walk.revisions, revision] : walk.revisions,
    operations: decision.operation ? [...walk.operations, decision.operation] : walk.operations,
  };
}

function carriedOut(walk: Walk, happening: Happening): Walk {
  const { head } = walk;
  const operation = head.active_operation;
  if (!operation) return walk;
  const moved = (change: Partial<Head["slots"]>): Walk => ({ ...walk, head: { ...head, slots: { ...head.slots, ...change } } });
  const over = (ending: Ending): Walk => ({
    ...walk,
    operations: walk.operations.map((each) => (each.id === ending.operation.id ? { ...each, ...ending.operation } : each)),
    head: ending.after,
    history: [...walk.history, ...ending.events],
  });
  const end = (outcome: "SUCCEEDED" | "FAILED" | "ROLLED_BACK") =>
    over(endOperation(head, { operation_id: operation.id, outcome, cause: null, condition: null, at }));
  switch (happening) {
    case "withdraw":
      return servingSlot(head.slots) === operation.slot ? walk : moved(withdrawTraffic(head.slots));
    case "retire": {
      const [slot] = operation.slot ? slotsInTheWay(head.slots, operation.slot) : [];
      return slot && !head.slots[slot]?.weight ? moved(retireSlot(slot)) : walk;
    }
    case "shift":
      return operation.slot ? moved(shiftTraffic(head.slots, operation.slot)) : walk;
    case "succeed":
      return operation.slot && servingSlot(head.slots) !== operation.slot ? walk : end("SUCCEEDED");
    case "fail":
      return end("FAILED");
    case "roll back":
      return operation.slot ? end("ROLLED_BACK") : walk;
    case "sweep":
      return over(sweepOperation(head, { operation_id: operation.id, at }));
    case "abort":
      return over(abortOperation(head, { operation_id: operation.id, actor: "bob", at }));
    default:
      return walk;
  }
}

const step = (walk: Walk, happening: Happening): Walk =>
  happening in kinds ? asked(walk, happening as keyof typeof kinds) : carriedOut(walk, happening);

function checkStep(before: Walk, after: Walk): void {
  const [old, head] = [before.head, after.head];
  expect(head.epoch).toBeGreaterThanOrEqual(old.epoch);
  const begun = after.operations.length > before.operations.length;
  const ended = old.active_operation !== null && head.active_operation === null;
  const stored = after.revisions.length > before.revisions.length;
  expect(head.version).toBe(old.version + (begun || ended || stored ? 1 : 0));
  if (begun) expect(head.epoch).toBe(old.epoch + 1);
  expect(after.history.slice(0, before.history.length)).toEqual(before.history);
  expect([head.uid, head.id, head.group, head.environment]).toEqual([old.uid, old.id, old.group, old.environment]);
}

function checkState({ head, history, revisions, operations }: Walk): void {
  expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, index) => index + 1));
  expect(head.event_sequence).toBe(history.length);
  const active = slotNames.filter((slot) => head.slots[slot]?.role === "active");
  expect(active.length).toBeLessThanOrEqual(1);
  for (const slot of slotNames) {
    const record = head.slots[slot];
    if (!record) continue;
    expect(record.weight).toBe(record.role === "active" ? 100 : 0);
    expect(record.epoch).toBeLessThanOrEqual(head.epoch);
  }
  const epochs = slotNames.flatMap((slot) => head.slots[slot]?.epoch ?? []);
  expect(new Set(epochs).size).toBe(epochs.length);
  expect(head.revisions.latest).toBe(revisions.length);
  expect(head.revisions.wanted).toBeLessThanOrEqual(head.revisions.latest);
  const serving = servingSlot(head.slots);
  if (!head.active_operation) expect(head.revisions.running).toBe(serving ? head.slots[serving]?.revision : null);
  const open = [...servedTimes(operations)].filter(([, times]) => times.some(({ to }) => to === null)).map(([revision]) => revision);
  expect(open).toEqual(head.revisions.running === null ? [] : [head.revisions.running]);
  if (head.deleted_at) expect(allowedActions(recordedStatus(head), head)).toEqual([]);
}

test("whatever is asked and however it ends, a deployment keeps its invariants", () => {
  fc.assert(
    fc.property(happenings, (all) => {
      let walk = begin({ head: aHead(), history: [], revisions: [], operations: [] });
      checkState(walk);
      for (const happening of all) {
        const next = step(walk, happening);
        checkStep(walk, next);
        checkState(next);
        walk = next;
      }
    }),
    { numRuns: 300 },
  );
});
