import { ulid } from "ulid";
import { expect } from "vitest";
import type { Condition } from "../../../domain/condition.ts";
import type { Head } from "../../../domain/deployment.ts";
import type { Fence, Page, PageRequest, RecordStore } from "../../../lambdas/ports/record.ts";
import { at, begun, created } from "../../doubles/deployments.ts";

export interface Subject {
  record: RecordStore;
  /** Moves the record's clock on. */
  passTime(milliseconds: number): void;
}

export const transition = (n: number): Condition => ({ type: "STARTED", status: "False", reason: `R${n}`, message: "", at });

export const freshId = () => `d${ulid().toLowerCase()}`;

export async function create(record: RecordStore, over: Partial<Head>) {
  const decision = created(over);
  await record.commit(decision);
  return decision;
}

/** A deployment with an operation under way, and the fence of that operation. */
export async function running(
  record: RecordStore,
  over: Partial<Head> = {},
  kind: "START" | "DELETE" = "START",
): Promise<{ fence: Fence; head: Head }> {
  const { after } = await create(record, { id: freshId(), group: freshId(), ...over });
  const start = begun(after, kind);
  await record.commit(start);
  return { fence: { uid: after.uid, operation_id: start.operation.id, epoch: start.after.epoch }, head: start.after };
}

export async function everything<T>(read: (page: PageRequest) => Promise<Page<T>>, limit: number): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await read({ limit, ...(cursor !== undefined && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return items;
}

export const reasons = (tries: PromiseSettledResult<unknown>[]) =>
  tries.flatMap((attempt) => (attempt.status === "rejected" ? [(attempt.reason as { what?: string }).what ?? attempt.reason] : []));
