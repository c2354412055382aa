import type { SlotRecord } from "../../domain/deployment.ts";
import type { Revision } from "../../domain/revision.ts";
import type { DeploymentReader } from "../ports/record.ts";

/** Revisions never change: one that was read is kept, as far as there is room. */
const revisionsKept = 2_000;
/** By whose record they are: two that name a deployment alike have nothing in common. */
const read = new WeakMap<object, Map<string, Revision>>();

/** Read after the slot was made, it has the digests that the slot was made with. */
export async function revisionOf(
  record: Pick<DeploymentReader, "revision">,
  uid: string,
  { revision: number, epoch }: Pick<SlotRecord, "revision" | "epoch">,
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
