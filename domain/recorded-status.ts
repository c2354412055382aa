import type { Head } from "./deployment.ts";
import { shutsDown } from "./operation-kinds.ts";
import { servingSlot } from "./traffic.ts";
import { type Status, slotNames } from "./words.ts";

/**
 * The status as far as the record alone tells it: what cards, events and refusals speak of. What was seen in the
 * cluster can turn a RUNNING into IDLE or FAILED (state.ts); nothing seen there can turn one into RUNNING.
 */
export function recordedStatus(head: Head): Status {
  const operation = head.active_operation;
  if (operation && operation.kind !== "SMOKE_TEST") {
    if (shutsDown(operation.kind)) return "STOPPING";
    // What served when the operation began stays named until it ends, also while a restart leaves a gap.
    return operation.kind !== "START" && head.revisions.running !== null ? "UPDATING" : "STARTING";
  }
  if (!head.started_once) return "CREATED";
  if (servingSlot(head.slots)) return "RUNNING";
  const leftBehind = slotNames.some((slot) => head.slots[slot] !== null);
  const failed = head.last_operation?.outcome === "FAILED" && !head.deleted_at;
  return failed || leftBehind ? "FAILED" : "STOPPED";
}
