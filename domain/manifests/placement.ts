import type { Head, SlotRecord } from "../deployment.ts";
import type { ObjectMeta } from "../kubernetes.ts";
import { labels, ownLabels, workloadName } from "../names.ts";
import type { Revision } from "../revision.ts";
import type { Component, SlotName } from "../words.ts";

/** A revision in a slot, in one attempt. Its objects depend on nothing but this and the catalogue. */
export interface Placement {
  deployment: Pick<Head, "id" | "uid" | "group" | "place">;
  slot: SlotName;
  record: Pick<SlotRecord, "revision" | "epoch" | "desired">;
  revision: Revision;
  /** Values of the secret env variables, by component; `secretNames` says which are expected. */
  secrets: Partial<Record<Component, Record<string, string>>>;
}

export function nameOf({ deployment, record }: Placement, component: Component): string {
  return workloadName(deployment, component, record.revision, record.epoch);
}

export function metadataOf(placement: Placement, component: Component): ObjectMeta & { labels: Record<string, string> } {
  return {
    name: nameOf(placement, component),
    namespace: placement.deployment.place.namespace,
    labels: labelsOf(placement, component),
  };
}

export function labelsOf({ deployment, record, slot }: Placement, component: Component): Record<string, string> {
  return {
    ...ownLabels(deployment),
    [labels.revision]: String(record.revision),
    [labels.epoch]: String(record.epoch),
    [labels.slot]: slot,
    [labels.component]: component,
  };
}

/** Tells this attempt's pods from those of every other revision, attempt and component. */
export function selectorOf({ deployment, record }: Placement, component: Component): Record<string, string> {
  return { [labels.uid]: deployment.uid, [labels.epoch]: String(record.epoch), [labels.component]: component };
}

export function desiredOf({ record }: Placement, component: Component): number {
  return record.desired[component] ?? 0;
}
