import { cbor, tag, tagSymbol } from "@smithy/core/cbor";
import { AwsError } from "./error.ts";

/** CBOR (RFC 8949), as far as Smithy RPC v2 uses it, by which newer SDKs speak to CloudWatch. */

/** A time, in seconds since the epoch: a number for which CBOR has a tag of its own. */
export class Instant {
  readonly seconds: number;
  constructor(seconds: number) {
    this.seconds = seconds;
  }
}

/** Headers of a body in this protocol. */
export const cborHeaders = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };

const timeTag = 1;
const [openList, end] = [Buffer.of(0x9f), Buffer.of(0xff)];

/** Errors: it is no CBOR, or has what JSON could not have. A time is given as its seconds. */
export function decodeCbor(body: Buffer): unknown {
  // What comes behind the first value is not looked at: in a list of what there is, there has to be one.
  const [value, ...more] = decoded(Buffer.concat([openList, body, end]));
  if (value === undefined || more.length > 0) throw malformed("it ends too early or too late");
  return asJson(value);
}

function decoded(list: Buffer): unknown[] {
  try {
    return cbor.deserialize(list) as unknown[];
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

function asJson(value: unknown): unknown {
  if (typeof value === "bigint") throw malformed(`${value} is more than a number holds`);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== "object" || value === null) return value;
  if (!(tagSymbol in value)) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asJson(each)]));
  const tagged = value as unknown as { tag: number; value: unknown };
  if (tagged.tag === timeTag) return asJson(tagged.value);
  throw malformed(`the tag ${tagged.tag} is not known here`);
}

const malformed = (why: string): AwsError => new AwsError("SerializationException", `The body is no CBOR that is understood: ${why}`);

/** Of what JSON can have, and times; members that are undefined are left out. */
export const encodeCbor = (value: unknown): Buffer => Buffer.from(cbor.serialize(asCbor(value)));

function asCbor(value: unknown): unknown {
  if (value instanceof Instant) return tag({ tag: timeTag, value: value.seconds });
  if (Array.isArray(value)) return value.map(asCbor);
  if (typeof value !== "object" || value === null) return value ?? null;
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(members.map(([name, each]) => [name, asCbor(each)]));
}
