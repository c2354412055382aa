import { groupPartition, type Key, modelPartition } from "./dynamodb-keys.ts";

/** Keys of promotions and of what reports versions. A promotion lies under its group, and a pointer finds it by its id. */

const nine = (n: number) => String(n).padStart(9, "0");

export const promotionPrefix = "PROMOTION#";
export const underWayPartition = "PROMOTIONS-UNDER-WAY";
export const promotionPartition = (id: string) => `${promotionPrefix}${id}`;

export const promotionKeys = {
  promotion: (group: string, id: string): Key => ({ pk: groupPartition(group), sk: `${promotionPrefix}${id}` }),
  pointer: (id: string): Key => ({ pk: promotionPartition(id), sk: "POINTER" }),
  event: (id: string, sequence: number): Key => ({ pk: promotionPartition(id), sk: `EVENT#${nine(sequence)}` }),
  underWay: (id: string): Key => ({ pk: underWayPartition, sk: `${promotionPrefix}${id}` }),
  lane: (group: string, model: string): Key => ({ pk: modelPartition(group, model), sk: "LANE" }),
  policy: (group: string, model: string): Key => ({ pk: modelPartition(group, model), sk: "POLICY" }),
} as const;

/** Triggers lie under one partition until it is known whose they are. */
export const triggerPrefix = "TRIGGER#";
export const unclaimedTriggers = "TRIGGERS";
export const triggerKeys = {
  trigger: (group: string | null, id: string): Key => ({
    pk: group === null ? unclaimedTriggers : groupPartition(group),
    sk: `${triggerPrefix}${id}`,
  }),
  pointer: (id: string): Key => ({ pk: `${triggerPrefix}${id}`, sk: "POINTER" }),
  delivery: (source: string, key: string): Key => ({ pk: `DELIVERY#${source}#${key}`, sk: "DELIVERY" }),
} as const;
/** A source's own name of a version, for ever. */
export const originKey = (group: string, model: string, source: { name: string; id: string }): Key => ({
  pk: modelPartition(group, model),
  sk: `ORIGIN#${source.name}#${source.id}`,
});
export const versionEventKey = (group: string, model: string, version: number): Key => ({
  pk: modelPartition(group, model),
  sk: `EVENT#${nine(version)}`,
});
