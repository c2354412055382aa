import type { Drift, Head, Revision, SlotRecord } from "../../domain/deployment.ts";
import { driftOf } from "../../domain/drift.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels } from "../../domain/names.ts";
import type { SlotName } from "../../domain/words.ts";
import type { DeploymentReader } from "../ports/record.ts";

/** Revisions never change: one that was read is kept, as far as there is room. */
const revisionsKept = 2_000;
/** By whose record they are: two that name a deployment alike have nothing in common. */
const read = new WeakMap<object, Map<string, Revision>>();

/**
 * What differs in a slot from what was made there. An object that nobody has changed still is its first generation, where
 * the API counts them, and needs no comparison; while an operation is under way its steps are the ones to change things.
 */
export async function driftIn(
  record: Pick<DeploymentReader, "revision">,
  head: Head,
  slot: SlotName,
  placed: SlotRecord,
  { deployments, scalers }: { deployments: KubernetesObject[]; scalers: KubernetesObject[] },
): Promise<Drift[]> {
  if (head.active_operation) return [];
  const epoch = String(placed.epoch);
  const own = [...deployments, ...scalers].filter(
    ({ metadata }) => metadata.labels?.[labels.uid] === head.uid && metadata.labels[labels.epoch] === epoch,
  );
  const components = placed.desired.transformer === null ? 1 : 2;
  if (own.length >= 2 * components && own.every(({ metadata }) => metadata.generation === 1)) return [];
  const revision = await revisionOf(record, head.uid, placed);
  return revision ? driftOf({ deployment: head, slot, record: placed, revision, secrets: {} }, own) : [];
}

/** Read after the slot was made, it has the digests that the slot was made with. */
async function revisionOf(
  record: Pick<DeploymentReader, "revision">,
  uid: string,
  { revision: number, epoch }: SlotRecord,
): Promise<Revision | undefined> {
  const key = `${uid}/${number}/${epoch}`;
  const kept = read.get(record) ?? new Map<string, Revision>();
  read.set(record, kept);
  const known = kept.get(key);
  if (known) return known;
  const revision = await record.revision(uid, number);
  if (!revision) return undefined;
  if (kept.size >= revisionsKept) kept.delete(kept.keys().next().value as string);
  kept.set(key, revision);
  return revision;
}
