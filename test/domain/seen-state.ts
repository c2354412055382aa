import type { Condition } from "../../domain/condition.ts";
import type { Head } from "../../domain/deployment.ts";
import type { Observed, ObservedSlot } from "../../domain/observed.ts";
import type { ActiveOperation, LastOperation } from "../../domain/operation.ts";
import { describeState } from "../../domain/state.ts";
import type { OperationKind } from "../../domain/words.ts";
import { aHead, aSlot, at } from "../doubles/deployments.ts";

const now = Date.parse("2026-11-21T10:00:00.000Z");
export const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

export const condition = (type: Condition["type"], status: Condition["status"], reason: string, age = 10): Condition => ({
  type,
  status,
  reason,
  message: `${reason} in words`,
  at: ago(age),
});
export const ready = condition("READY", "True", "Ready");

export function seen(
  over: Partial<ObservedSlot> & { ready?: number; desired?: number; restarts?: number; restartedAgo?: number } = {},
): ObservedSlot {
  const { ready: count = 2, desired = 2, restarts = 0, restartedAgo = 0, ...rest } = over;
  const last_termination = restarts > 0 ? { reason: "Error", exit_code: 1, signal: null, message: null, at: ago(restartedAgo) } : null;
  const instance = {
    name: "a",
    component: "predictor",
    slot: "blue",
    revision: 1,
    phase: "Running",
    ready: true,
    node: "n",
    started_at: at,
    resources: null,
  } as const;
  return {
    revision: 1,
    epoch: 1,
    condition: ready,
    unready_since: null,
    components: { predictor: { desired, ready: count, instances: [{ ...instance, restarts, last_termination }] }, transformer: null },
    ...rest,
  };
}

export function observed(slots: Partial<Observed["slots"]>, over: Partial<Observed> = {}): Observed {
  const nothing = { version: 1, condition: null, passed: {}, transitions: [], earlier: 0 };
  return { epoch: 1, observed_at: ago(5), ...nothing, slots: { blue: null, green: null, ...slots }, ...over };
}

export const desired = { predictor: 2, transformer: null };
export const serving = (over: Partial<Head> = {}): Head =>
  aHead({
    started_once: true,
    epoch: 1,
    slots: { blue: aSlot({ role: "active", weight: 100, desired }), green: null },
    revisions: { latest: 1, wanted: 1, running: 1, served: [] },
    ...over,
  });

export const operation = (kind: OperationKind, over: Partial<ActiveOperation> = {}): ActiveOperation => ({
  id: "O",
  kind,
  revision: 2,
  slot: "green",
  actor: "ada",
  started_at: ago(60),
  deadline: ago(-600),
  step: "AwaitReady",
  steps: [],
  ...over,
});
export const starting = (): Head =>
  aHead({
    started_once: true,
    epoch: 1,
    slots: { blue: aSlot({ desired }), green: null },
    active_operation: operation("START", { revision: 1, slot: "blue" }),
  });
export const updating = (): Head =>
  serving({
    epoch: 2,
    slots: { blue: aSlot({ role: "active", weight: 100, desired }), green: aSlot({ revision: 2, epoch: 2, desired }) },
    revisions: { latest: 2, wanted: 2, running: 1, served: [] },
    active_operation: operation("UPDATE"),
  });
export const last = (over: Partial<LastOperation> = {}): LastOperation => ({
  id: "L",
  kind: "START",
  outcome: "FAILED",
  revision: 1,
  cause: null,
  condition: null,
  ...over,
});

export const state = (head: Head, what?: Observed) => describeState(head, what, now);
export const short = ({ type, status, reason }: Condition) => `${type} ${status} ${reason}`;
