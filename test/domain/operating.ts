import type { Cause } from "../../domain/condition.ts";
import type { Head } from "../../domain/deployment.ts";
import { type Beginning, createDeployment, endOperation } from "../../domain/operations.ts";
import { shiftTraffic, withdrawTraffic } from "../../domain/traffic.ts";
import type { OperationKind, Outcome } from "../../domain/words.ts";
import { aHead, aRevision, aSpecification, at } from "../doubles/deployments.ts";

const uid = "01JD7Z0000000000000000AAAA";
export const actor = "ada@example.com";
export const later = "2026-11-21T09:20:00.000Z";

export function creation(start: { operation_id: string } | null) {
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
export const beginning = (kind: OperationKind, over: Partial<Beginning> = {}): Beginning => ({
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
export const end = (operation_id: string, outcome: Outcome, cause: Cause | null = null) => ({
  operation_id,
  outcome,
  cause,
  condition: null,
  at: later,
});

/** The traffic is moved as ShiftTraffic does it. */
export const shifted = (head: Head): Head => ({
  ...head,
  slots: { ...head.slots, ...shiftTraffic(head.slots, head.active_operation?.slot ?? "blue") },
});
export const withdrawn = (head: Head): Head => ({ ...head, slots: { ...head.slots, ...withdrawTraffic(head.slots) } });

export function serving(): Head {
  const { after } = createDeployment(creation({ operation_id: "START-0" }));
  return endOperation(shifted(after), end("START-0", "SUCCEEDED")).after;
}
export const types = (events: { type: string }[]) => events.map(({ type }) => type);
