import { createHash, hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { AwsError } from "../error.ts";
import type { AwsCall } from "../service.ts";
import { type Checksum, checksumOf, isAlgorithm } from "./checksums.ts";
import { decodeChunks } from "./chunked-body.ts";
import { notBuilt } from "./operation.ts";

/** A body as its sender meant it. */
export interface Received {
  body: Buffer;
  /** By which the sender had it checked. */
  checksum: Checksum | undefined;
}

/** SQLite keeps rows of a billion bytes, in which there are name and headers, too. */
export const largestObject = 999_000_000;

/** Errors: it is too large, or not what its length or one of its checksums say; those that cannot be checked are refused. */
export function received({ body: sent, headers }: Pick<AwsCall, "body" | "headers">): Received {
  const length = Number(headers["x-amz-decoded-content-length"] ?? headers["content-length"] ?? sent.length);
  if (length > largestObject)
    throw new AwsError("EntityTooLarge", `The local S3 keeps objects of at most ${largestObject} bytes; this one has ${length}`);
  const { body, trailers } = decoded(sent, headers);
  checkContentSha256(sent, headers);
  checkMd5(body, headers["content-md5"] as string | undefined);
  const checksum = checksumIn({ ...headers, ...trailers });
  if (checksum !== undefined) checkChecksum(checksum, body);
  return { body, checksum };
}

function decoded(body: Buffer, headers: IncomingHttpHeaders): { body: Buffer; trailers: Record<string, string> } {
  const isChunked = /aws-chunked/.test(headers["content-encoding"] ?? "") || /^STREAMING-/.test(sha256In(headers) ?? "");
  if (!isChunked) return { body, trailers: {} };
  const found = decodeChunks(body);
  const length = headers["x-amz-decoded-content-length"];
  if (length !== undefined && Number(length) !== found.body.length)
    throw new AwsError("IncompleteBody", `The body has ${found.body.length} bytes, x-amz-decoded-content-length says ${length}`);
  const announced = headers["x-amz-trailer"];
  if (announced !== undefined && found.trailers[String(announced)] === undefined)
    throw new AwsError("MalformedTrailerError", `The trailer ${announced} was announced and did not come`);
  return found;
}

const sha256In = (headers: IncomingHttpHeaders): string | undefined => headers["x-amz-content-sha256"] as string | undefined;

function checkContentSha256(sent: Buffer, headers: IncomingHttpHeaders): void {
  const given = sha256In(headers) ?? "";
  if (/^[0-9a-f]{64}$/.test(given) && given !== hash("sha256", sent))
    throw new AwsError("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.");
}

function checkMd5(body: Buffer, given: string | undefined): void {
  if (given === undefined) return;
  if (Buffer.from(given, "base64").length !== 16) throw new AwsError("InvalidDigest", "The Content-MD5 you specified is not valid.");
  if (given !== createHash("md5").update(body).digest("base64"))
    throw new AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.");
}

const prefix = "x-amz-checksum-";
/** They tell of checksums, and are none. */
const about = ["algorithm", "type", "mode"].map((name) => prefix + name);

/** The checksum that headers or trailers give. Errors: there are several, or it is made in a way that is not known here. */
export function checksumIn(headers: IncomingHttpHeaders): Checksum | undefined {
  const [given, other] = Object.entries(headers).filter(([name]) => name.startsWith(prefix) && !about.includes(name));
  if (given === undefined) return undefined;
  if (other !== undefined) throw new AwsError("InvalidRequest", `Expecting a single ${prefix} header, given ${given[0]} and ${other[0]}`);
  const algorithm = given[0].slice(prefix.length);
  if (!isAlgorithm(algorithm)) throw notBuilt(given[0]);
  return { algorithm, value: String(given[1]) };
}

function checkChecksum({ algorithm, value }: Checksum, body: Buffer): void {
  const computed = checksumOf(algorithm, body);
  if (computed === value) return;
  if (Buffer.from(value, "base64").toString("base64") !== value || value.length !== computed.length)
    throw new AwsError("InvalidRequest", `Value for ${prefix}${algorithm} header is invalid.`);
  throw new AwsError("BadDigest", `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`);
}
