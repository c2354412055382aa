import type { Head, SlotRecord } from "../../domain/deployment.ts";
import { driftOf } from "../../domain/drift.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { isFixedSize } from "../../domain/manifests/scaler.ts";
import { isOf, workloadName } from "../../domain/names.ts";
import type { Drift } from "../../domain/observed.ts";
import { components, type SlotName } from "../../domain/words.ts";
import type { DeploymentReader } from "../ports/record.ts";
import { revisionOf } from "./known-revisions.ts";
import type { SlotSight } from "./observe.ts";

/**
 * What differs in a slot from what was made there. An object that nobody has changed still is its first generation, where
 * the API counts them, and needs no comparison; while an operation is under way its steps are the ones to change things.
 */
export async function driftIn(
  record: Pick<DeploymentReader, "revision">,
  head: Head,
  slot: SlotName,
  placed: SlotRecord,
  { deployments, scalers, unseenIn }: Pick<SlotSight, "deployments" | "scalers" | "unseenIn">,
): Promise<Drift[]> {
  if (head.active_operation) return [];
  // By name: a copy that somebody has made, with its labels, is none of ours and stands for none.
  const names = components.map((component) => workloadName(head, component, placed.revision, placed.epoch));
  const own = [...deployments, ...scalers].filter(isOf(head)).filter(({ metadata: { name = "" } }) => names.includes(name));
  if (own.length >= expectedAmong(own, placed) && own.every(({ metadata }) => metadata.generation === 1)) return [];
  const revision = await revisionOf(record, head.uid, placed);
  if (!revision) return [];
  // What may not be seen is not missing for that.
  const unseen = unseenIn(head.place.namespace).map(({ kind }) => `${kind}/`);
  const drift = driftOf({ deployment: head, slot, record: placed, revision, secrets: {} }, own);
  return drift.filter(({ object }) => !unseen.some((kind) => object.startsWith(kind)));
}

/** A Deployment of each component, and an autoscaler of each that has more than one size. */
function expectedAmong(own: readonly KubernetesObject[], { desired }: SlotRecord): number {
  const components = desired.transformer === null ? 1 : 2;
  return 2 * components - own.filter(isFixedSize).length;
}
