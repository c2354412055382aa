import { type Key, tableAttributes } from "./dynamodb-keys.ts";

/** An item as the document client gives it. */
export type Item = Record<string, unknown>;

export type ItemType =
  | "HEAD"
  | "OBSERVED"
  | "CONDITION"
  | "REVISION"
  | "OPERATION"
  | "EVENT"
  | "PLACE"
  | "RESERVATION"
  | "CLIENT"
  | "POINTER"
  | "IDEM"
  | "MODEL"
  | "VERSION"
  | "GROUP"
  | "PROMOTION"
  | "LANE"
  | "POLICY"
  | "SEARCH"
  | "TRIGGER"
  | "DELIVERY"
  | "ORIGIN";

export const toItem = (key: Key, itemType: ItemType, fields: object): Item => ({ ...fields, ...key, item_type: itemType });

/** The fields alone: what the table keeps for itself never leaves the adapter. */
export function fieldsOf<T>(item: Item): T {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !(tableAttributes as readonly string[]).includes(name))) as T;
}

/** Absent rather than null: what is written often is to stay within a unit, and a name is billed like a value. */
export function withoutNulls(fields: object): Item {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
