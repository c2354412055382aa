import { createHash } from "node:crypto";
import { invalidValue } from "./errors.ts";

interface Attribute {
  /** `String`, `Number` or `Binary`, and what the sender adds behind a dot. */
  DataType: string;
  StringValue?: string;
  /** Base64. */
  BinaryValue?: string;
}
export type Attributes = Record<string, Attribute>;

const mostAttributes = 10;

/** What a sender says beside a message's body. Errors: it is not of the form of attributes. */
export function attributesIn(value: unknown): Attributes {
  const attributes = (value ?? {}) as Attributes;
  const entries = Object.entries(attributes);
  if (entries.length > mostAttributes)
    throw invalidValue(`Number of message attributes [${entries.length}] exceeds the allowed maximum [${mostAttributes}].`);
  for (const [name, { DataType, StringValue, BinaryValue }] of entries) {
    if (!/^[\w.-]{1,256}$/.test(name)) throw invalidValue(`Message attribute name '${name}' is invalid.`);
    if (!/^(String|Number|Binary)(\..*)?$/.test(DataType))
      throw invalidValue(`The message attribute '${name}' has an invalid message attribute type: ${DataType}`);
    if (!(DataType.startsWith("Binary") ? BinaryValue : StringValue))
      throw invalidValue(`The message attribute '${name}' must contain a non-empty value of its type ${DataType}`);
  }
  return attributes;
}

/** Those that a receiver wants: all, by name, or by what their names begin with. */
export function wantedOf(attributes: Attributes, names: unknown): Attributes {
  const wanted = (names ?? []) as string[];
  const isWanted = (name: string): boolean =>
    wanted.some((each) => each === "All" || each === name || (each.endsWith(".*") && name.startsWith(each.slice(0, -2))));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}

/** As SQS sums them up, and clients after it: each part with its length before it, in the order of names. */
export function md5OfAttributes(attributes: Attributes): string | undefined {
  const entries = Object.entries(attributes).toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  if (entries.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (part: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  };
  for (const [name, { DataType, StringValue = "", BinaryValue = "" }] of entries) {
    const isBinary = DataType.startsWith("Binary");
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.of(isBinary ? 2 : 1));
    add(isBinary ? Buffer.from(BinaryValue, "base64") : Buffer.from(StringValue));
  }
  return hash.digest("hex");
}
