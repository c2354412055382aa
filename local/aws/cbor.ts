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

const [unsigned, negative, bytes, text, list, map, tag, other] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
/** In place of a length: pieces follow until the break. */
const open = 31;
const untilBreak = Symbol("break");
const timeTag = 1;

/** Errors: it is no CBOR, or has what JSON could not have. A time is given as its seconds. */
export function decodeCbor(body: Buffer): unknown {
  const reader = { body, at: 0 };
  try {
    const value = read(reader);
    if (value !== untilBreak && reader.at === body.length) return value;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw malformed("it ends too early or too late");
}

interface Reader {
  body: Buffer;
  at: number;
}

function read(reader: Reader): unknown {
  const first = reader.body.readUInt8(reader.at++);
  const [major, info] = [first >> 5, first & 31];
  if (major === other) return readOther(reader, info);
  if (info === open) return readOpen(reader, major);
  const length = readLength(reader, info);
  if (major === unsigned) return length;
  if (major === negative) return -1 - length;
  if (major === bytes) return take(reader, length).toString("base64");
  if (major === text) return take(reader, length).toString("utf8");
  if (major === list) return Array.from({ length: bounded(reader, length) }, () => read(reader));
  if (major === map) return Object.fromEntries(Array.from({ length: bounded(reader, length) }, () => [String(read(reader)), read(reader)]));
  if (length !== timeTag) throw malformed(`the tag ${length} is not known here`);
  return read(reader);
}

function readOther(reader: Reader, info: number): unknown {
  if (info === 20 || info === 21) return info === 21;
  if (info === 22 || info === 23) return null;
  if (info === open) return untilBreak;
  if (info === 25) return half(reader.body.readUInt16BE(skip(reader, 2)));
  if (info === 26) return reader.body.readFloatBE(skip(reader, 4));
  if (info === 27) return reader.body.readDoubleBE(skip(reader, 8));
  throw malformed(`the simple value ${info} is not known here`);
}

function readOpen(reader: Reader, major: number): unknown {
  const parts: unknown[] = [];
  for (let part = read(reader); part !== untilBreak; part = read(reader)) parts.push(part);
  if (major === list) return parts;
  if (major === map && parts.length % 2 === 0)
    return Object.fromEntries(parts.flatMap((name, index) => (index % 2 === 0 ? [[String(name), parts[index + 1]]] : [])));
  if (major === text) return parts.join("");
  throw malformed(`what is of the major type ${major} has no open length here`);
}

function readLength(reader: Reader, info: number): number {
  if (info < 24) return info;
  if (info === 24) return reader.body.readUInt8(skip(reader, 1));
  if (info === 25) return reader.body.readUInt16BE(skip(reader, 2));
  if (info === 26) return reader.body.readUInt32BE(skip(reader, 4));
  if (info === 27) return Number(reader.body.readBigUInt64BE(skip(reader, 8)));
  throw malformed(`a length of the form ${info} is not known`);
}

function half(value: number): number {
  const [exponent, fraction] = [(value >> 10) & 31, value & 1023];
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Infinity
          : Number.NaN
        : (1024 + fraction) * 2 ** (exponent - 25);
  return value & 0x8000 ? -size : size;
}

function skip(reader: Reader, count: number): number {
  reader.at += count;
  return reader.at - count;
}

function take(reader: Reader, length: number): Buffer {
  const start = skip(reader, bounded(reader, length));
  return reader.body.subarray(start, start + length);
}

/** Nothing is longer than what is left of the body. */
function bounded(reader: Reader, length: number): number {
  if (length > reader.body.length - reader.at) throw malformed("it ends too early");
  return length;
}

const malformed = (why: string): AwsError => new AwsError("SerializationException", `The body is no CBOR that is understood: ${why}`);

/** Of what JSON can have, and times; members that are undefined are left out. */
export function encodeCbor(value: unknown): Buffer {
  if (value === null || value === undefined) return Buffer.of(0xf6);
  if (typeof value === "boolean") return Buffer.of(value ? 0xf5 : 0xf4);
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? head(value < 0 ? negative : unsigned, value < 0 ? -1 - value : value) : double(value);
  if (typeof value === "string") return Buffer.concat([head(text, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Instant) return Buffer.concat([head(tag, timeTag), double(value.seconds)]);
  if (Array.isArray(value)) return Buffer.concat([head(list, value.length), ...value.map(encodeCbor)]);
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return Buffer.concat([head(map, members.length), ...members.flatMap(([name, each]) => [encodeCbor(name), encodeCbor(each)])]);
}

function head(major: number, length: number): Buffer {
  const type = major << 5;
  if (length < 24) return Buffer.of(type | length);
  if (length < 0x100) return Buffer.of(type | 24, length);
  const wide = Buffer.alloc(length < 0x10000 ? 3 : length < 0x100000000 ? 5 : 9);
  wide.writeUInt8(type | (wide.length === 3 ? 25 : wide.length === 5 ? 26 : 27));
  if (wide.length === 9) wide.writeBigUInt64BE(BigInt(length), 1);
  else wide.writeUIntBE(length, 1, wide.length - 1);
  return wide;
}

function double(value: number): Buffer {
  const wide = Buffer.alloc(9, 0xfb);
  wide.writeDoubleBE(value, 1);
  return wide;
}
