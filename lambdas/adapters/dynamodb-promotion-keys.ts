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
