import { isKept } from "../../contract/json-limits.ts";

/** Values as DynamoDB types them, as far as our tables have any: no sets and no bytes. */
export type AttributeValue = { S: string } | { N: string } | { BOOL: boolean } | { NULL: true } | { L: AttributeValue[] } | AttributeMap;
interface AttributeMap {
  M: AttributeValues;
}
export type AttributeValues = Record<string, AttributeValue>;

type Fields = Record<string, unknown>;

/** What is undefined is left out. Errors: what a table could not keep as it is. */
export function toValues(fields: object): AttributeValues {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, toValue(value)]));
}

function toValue(value: unknown): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: numberText(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.filter((each) => each !== undefined).map(toValue) };
  if (typeof value === "object" && !(Symbol.iterator in value)) return { M: toValues(value) };
  throw new Error(`a table of ours keeps no ${Object.prototype.toString.call(value)}`);
}

/** Any double within DynamoDB's range is read as it was written: that keeps 38 digits, and a double has 17. */
function numberText(value: number): string {
  if (isKept(value)) return String(value);
  throw new Error(`DynamoDB is given no number ${value}: it would not be kept as it is`);
}

export const fromValues = (values: AttributeValues): Fields =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fromValue(value)]));

function fromValue(value: AttributeValue): unknown {
  if ("S" in value) return value.S;
  if ("N" in value) return Number(value.N);
  if ("M" in value) return fromValues(value.M);
  if ("L" in value) return value.L.map(fromValue);
  if ("BOOL" in value) return value.BOOL;
  if ("NULL" in value) return null;
  throw new Error(`a table of ours has no value of the type ${Object.keys(value).join()}`);
}
