import type { IncomingHttpHeaders } from "node:http";
import { AwsError } from "../error.ts";
import type { AwsAnswer, AwsCall } from "../service.ts";
import { copied } from "./answers.ts";
import { type Algorithm, type Checksum, checksumOf, checksumType, isAlgorithm } from "./checksums.ts";
import { isUnchanged, requireWritable } from "./conditions.ts";
import { type Address, notBuilt, sourceOf } from "./operation.ts";
import { checksumIn, received } from "./received.ts";
import type { ObjectStore, StoredObject } from "./store.ts";

/** PutObject. */
export function putObject(store: ObjectStore, call: AwsCall, { bucket, key }: Address): AwsAnswer {
  requireKey(key);
  requireWritable(store.get(bucket, key), call.headers);
  const { body, checksum } = received(call);
  const etag = store.put(bucket, key, { body, headers: { ...keptHeaders(call.headers), ...checksumHeader(checksum) } });
  const type = checksum && { "x-amz-checksum-type": checksumType(checksum.value) };
  return { status: 200, headers: { etag: `"${etag}"`, ...checksumHeader(checksum), ...type } };
}

/** CopyObject: with the headers of its source, or with new ones. */
export function copyObject(store: ObjectStore, call: AwsCall, { bucket, key }: Address): AwsAnswer {
  requireKey(key);
  const source = sourceOf(call);
  const object = sourceObject(store, source, call.headers);
  const directive = call.headers["x-amz-metadata-directive"] ?? "COPY";
  if (directive !== "COPY" && directive !== "REPLACE") throw new AwsError("InvalidArgument", `Unknown metadata directive: ${directive}`);
  if (directive === "COPY" && source.bucket === bucket && source.key === key)
    throw new AwsError(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing it.",
    );
  requireWritable(store.get(bucket, key), call.headers);
  const checksum = checksumOfCopy(object, call.headers);
  const headers = directive === "REPLACE" ? keptHeaders(call.headers) : keptHeaders(object.headers);
  store.put(bucket, key, { body: object.body, headers: { ...headers, ...checksumHeader(checksum) } });
  return copied("CopyObjectResult", store.get(bucket, key) as StoredObject, checksum);
}

/** The object that a copy is made of. Errors: it is not there, or not as the headers want it. */
export function sourceObject(store: ObjectStore, { bucket, key }: Address, headers: IncomingHttpHeaders): StoredObject {
  const object = existing(store, { bucket, key });
  if (isUnchanged(object, headers, "x-amz-copy-source-"))
    throw new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
  return object;
}

/** A copy is in one piece: what was summed up by its parts is summed up anew. */
function checksumOfCopy({ headers, body }: StoredObject, asked: IncomingHttpHeaders): Checksum | undefined {
  const algorithm = algorithmIn(asked) ?? checksumIn(headers)?.algorithm;
  return algorithm && { algorithm, value: checksumOf(algorithm, body) };
}

/** Errors: an algorithm that is not known here. */
export function algorithmIn(headers: IncomingHttpHeaders): Algorithm | undefined {
  const given = headers["x-amz-checksum-algorithm"];
  if (given === undefined) return undefined;
  const algorithm = String(given).toLowerCase();
  if (!isAlgorithm(algorithm)) throw notBuilt(`x-amz-checksum-algorithm: ${given}`);
  return algorithm;
}

export function existing(store: ObjectStore, { bucket, key }: Address): StoredObject {
  requireBucket(store, bucket);
  const object = store.get(bucket, key);
  if (object === undefined) throw new AwsError("NoSuchKey", `The specified key does not exist: ${key}`, 404);
  return object;
}

export function requireBucket(store: ObjectStore, bucket: string): void {
  if (!store.hasBucket(bucket)) throw new AwsError("NoSuchBucket", `The specified bucket does not exist: ${bucket}`, 404);
}

export function requireKey(key: string): void {
  if (Buffer.byteLength(key) > 1024) throw new AwsError("KeyTooLongError", "Your key is too long: it has more than 1024 bytes");
}

const kept = /^(content-(type|disposition|language|encoding)|cache-control|expires|x-amz-meta-.*)$/;

/** What is told again with the object; `aws-chunked` is only how it was sent. */
export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const found = Object.entries(headers).flatMap(([name, value]) => (kept.test(name) ? [[name, String(value)]] : []));
  const { "content-encoding": encoding = "", ...others } = Object.fromEntries(found) as Record<string, string>;
  const encodings = encoding.split(",").map((each) => each.trim());
  const meant = encodings.filter((each) => each !== "aws-chunked" && each !== "").join(",");
  return { ...others, ...(meant !== "" && { "content-encoding": meant }) };
}

export const checksumHeader = (checksum: Checksum | undefined): Record<string, string> =>
  checksum === undefined ? {} : { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value };
