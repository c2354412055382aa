import type { Head, Operation } from "../../domain/deployment.ts";
import { type Key, tableAttributes } from "./dynamodb-keys.ts";
import { closeSteps, mergeEvidence } from "./running-operation.ts";

/** An item as the document client gives it. */
export type Item = Record<string, unknown>;

export type ItemType =
  | "HEAD"
  | "OBSERVED"
  | "CONDITION"
  | "REVISION"
  | "OPERATION"
  | "EVENT"
  | "RESERVATION"
  | "POINTER"
  | "IDEM"
  | "CARD"
  | "MODEL"
  | "VERSION"
  | "GROUP"
  | "PROMOTION"
  | "LANE"
  | "POLICY"
  | "TRIGGER"
  | "DELIVERY"
  | "ORIGIN";

export const toItem = (key: Key, itemType: ItemType, fields: object): Item => ({ ...fields, ...key, item_type: itemType });

/** The fields alone: what the table keeps for itself never leaves the adapter. */
export function fieldsOf<T>(item: Item): T {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !(tableAttributes as readonly string[]).includes(name))) as T;
}

/** HEAD is in the index by cluster while an operation runs or something of it is in the cluster, and only then. */
export function headItem(key: Key, head: Head): Item {
  const inCluster = head.active_operation !== null || head.slots.blue !== null || head.slots.green !== null;
  const given = Object.fromEntries(Object.entries(head).filter(([name, value]) => value !== null || !(name in nothingYet)));
  return toItem(key, "HEAD", { ...given, ...(inCluster && { cluster_key: head.place.cluster }) });
}

/** Absent rather than null: HEAD is written at every step, and is to stay within a unit for as long as it can. */
const nothingYet = { last_operation: null, model: null, deleted_at: null } as const;

export function headOf(item: Item): Head {
  const head = { ...nothingYet, ...fieldsOf<Head>(item) };
  const active = head.active_operation;
  return active ? { ...head, active_operation: { ...active, steps: closeSteps(active.steps) } } : head;
}

/** Evidence is an empty map until something is kept, so that keeping is one update of the fields given. */
export const operationItem = (key: Key, operation: Operation): Item =>
  toItem(key, "OPERATION", { ...operation, evidence: operation.evidence ?? { digests: {} } });

export function operationOf(item: Item): Operation {
  const operation = fieldsOf<Operation>(item);
  const { digests = {}, ...kept } = operation.evidence ?? {};
  const nothing = Object.keys(kept).length === 0 && Object.keys(digests).length === 0;
  return { ...operation, evidence: nothing ? null : mergeEvidence(operation.evidence, {}) };
}
