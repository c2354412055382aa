import type { Head } from "./deployment.ts";
import type { OperationKind, SlotName } from "./words.ts";

/** Takes everything away: the shutdown workflow carries it out. */
export function shutsDown(kind: OperationKind): boolean {
  return kind === "STOP" || kind === "DELETE";
}

/** Brings a revision into a slot: the rollout workflow carries it out. */
export function fillsSlot(kind: OperationKind): boolean {
  return !shutsDown(kind) && kind !== "SMOKE_TEST";
}

const making = [null, "Prepare", "ProvisionSlot"];
const clearing = ["RetireSlot", "RecordFailure"];

/**
 * Whether the operation under way is making a slot's objects, or removing those of a revision that has failed: what of them
 * is missing says nothing of the slot.
 */
export function isInTheMaking({ active_operation: operation, slots }: Pick<Head, "active_operation" | "slots">, slot: SlotName): boolean {
  if (!operation || operation.slot !== slot || !fillsSlot(operation.kind) || (slots[slot]?.weight ?? 0) > 0) return false;
  return making.includes(operation.step) || clearing.includes(operation.step ?? "");
}

export const workflows = ["rollout", "rollback", "shutdown", "verification"] as const;
/** A state machine that carries out operations. */
export type Workflow = (typeof workflows)[number];

/** The step that each begins with: whoever begins an operation writes it, and its executor has only to read. */
export const firstSteps: Readonly<Partial<Record<Workflow, string>>> = {
  rollout: "Prepare",
  rollback: "EnsureCapacity",
  shutdown: "TakeRouteAway",
};

/** Which one carries out the operation under way. `rollback` only moves the traffic, to a slot that is there already; `verification` moves nothing. */
export function workflowOf({ active_operation: operation, slots, epoch }: Pick<Head, "active_operation" | "slots" | "epoch">): Workflow {
  if (!operation) throw new RangeError("no operation is under way that a workflow could carry out");
  if (shutsDown(operation.kind)) return "shutdown";
  if (operation.kind === "SMOKE_TEST") return "verification";
  const target = operation.slot && slots[operation.slot];
  return target && target.epoch !== epoch ? "rollback" : "rollout";
}
