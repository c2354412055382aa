import { hash } from "node:crypto";
import { crc32 } from "node:zlib";

/** As the headers `x-amz-checksum-<algorithm>` name them. */
export const algorithms = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256", "sha512", "md5"] as const;
export type Algorithm = (typeof algorithms)[number];

export interface Checksum {
  algorithm: Algorithm;
  /** Base64; of an object that was put together from parts it may end with `-` and their number. */
  value: string;
}

export const isAlgorithm = (name: string): name is Algorithm => (algorithms as readonly string[]).includes(name);

/** Base64. */
export function checksumOf(algorithm: Algorithm, bytes: Uint8Array): string {
  if (algorithm === "crc32") return base64(crc32(bytes));
  if (algorithm === "crc32c") return base64(crc32c(bytes));
  if (algorithm === "crc64nvme") return crc64(bytes);
  return hash(algorithm, bytes, "base64");
}

/** Of the checksums of its parts, as S3 has it of an object that is not summed up as a whole. */
export function compositeOf(algorithm: Algorithm, parts: string[]): string {
  const sums = Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
  return `${checksumOf(algorithm, sums)}-${parts.length}`;
}

export const checksumType = (value: string): "COMPOSITE" | "FULL_OBJECT" => (/-\d+$/.test(value) ? "COMPOSITE" : "FULL_OBJECT");

function base64(...words: number[]): string {
  const bytes = Buffer.alloc(4 * words.length);
  words.forEach((word, index) => {
    bytes.writeUInt32BE(word >>> 0, 4 * index);
  });
  return bytes.toString("base64");
}

const castagnoli = 0x82f63b78;
const tableOf32 = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? castagnoli : 0);
  return rest;
});

function crc32c(bytes: Uint8Array): number {
  let sum = ~0;
  for (const byte of bytes) sum = (tableOf32[(sum ^ byte) & 0xff] as number) ^ (sum >>> 8);
  return ~sum;
}

const nvme = 0x9a6c9329ac4bc9b5n;
const tableOf64 = Array.from({ length: 256 }, (_, byte) => {
  let rest = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) rest = (rest >> 1n) ^ (rest & 1n ? nvme : 0n);
  return rest;
});
/** In halves: numbers of 64 bits are slow. */
const [highs, lows] = [
  Uint32Array.from(tableOf64, (rest) => Number(rest >> 32n)),
  Uint32Array.from(tableOf64, (rest) => Number(rest & 0xffffffffn)),
];

function crc64(bytes: Uint8Array): string {
  let [high, low] = [~0, ~0];
  for (const byte of bytes) {
    const index = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (lows[index] as number);
    high = (high >>> 8) ^ (highs[index] as number);
  }
  return base64(~high, ~low);
}
