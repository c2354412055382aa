import type { OperationKind } from "./words.ts";

/** Takes everything away: the shutdown workflow carries it out. */
export function shutsDown(kind: OperationKind): boolean {
  return kind === "STOP" || kind === "DELETE";
}

/** Brings a revision into a slot: the rollout workflow carries it out. */
export function fillsSlot(kind: OperationKind): boolean {
  return !shutsDown(kind) && kind !== "SMOKE_TEST";
}
