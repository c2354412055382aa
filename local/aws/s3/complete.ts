import { createHash } from "node:crypto";
import { inTransaction } from "../../storage/database.ts";
import { AwsError } from "../error.ts";
import type { AwsAnswer, AwsCall } from "../service.ts";
import { checksumFields, quoted } from "./answers.ts";
import { type Checksum, checksumOf, compositeOf } from "./checksums.ts";
import { requireWritable } from "./conditions.ts";
import { checksumIn, largestObject } from "./received.ts";
import type { ObjectStore } from "./store.ts";
import type { Part, Upload, UploadStore } from "./upload-store.ts";
import { algorithmIn, checksumHeader, keptHeaders } from "./write.ts";
import { element, elements, xmlAnswer } from "./xml.ts";

/** Of every part but the last. */
const smallestPart = 5 * 1024 * 1024;

interface NamedPart {
  number: number;
  etag: string | undefined;
  /** The part as the body tells of it, with its checksum. */
  text: string;
}

/** CompleteMultipartUpload: the parts that it names become the object. Errors: then the upload stays as it was. */
export function completeUpload(objects: ObjectStore, uploads: UploadStore, upload: Upload, call: AwsCall): AwsAnswer {
  const { id, bucket, key } = upload;
  const named = namedParts(call.body.toString("utf8"));
  const parts = chosen(named, uploads.parts(id));
  requireSizes(parts, call.headers["x-amz-mp-object-size"]);
  requireWritable(objects.get(bucket, key), call.headers);
  const bodies = parts.map(({ number }) => uploads.body(id, number));
  const body = Buffer.concat(bodies);
  const own = summedUp(upload, named, bodies, body);
  const given = checksumIn(call.headers);
  if (given !== undefined && given.value !== expectedOf(given, own, body))
    throw new AwsError("BadDigest", `The ${given.algorithm.toUpperCase()} you specified did not match the calculated checksum.`);
  const checksum = own ?? given;
  const etag = etagOf(parts);
  inTransaction(objects.database, () => {
    const headers = { ...keptHeaders(upload.headers), ...checksumHeader(checksum) };
    objects.put(bucket, key, { body, headers, etag, parts: parts.map(({ size }) => size) });
    uploads.remove(id);
  });
  return xmlAnswer("CompleteMultipartUploadResult", {
    ...{ Location: `/${bucket}/${key}`, Bucket: bucket, Key: key, ETag: quoted(etag) },
    ...checksumFields(checksum),
  });
}

function namedParts(text: string): NamedPart[] {
  const named = elements(text, "Part").map((part) => ({
    ...{ number: Number(element(part, "PartNumber")), etag: element(part, "ETag")?.trim().replaceAll('"', ""), text: part },
  }));
  if (named.length === 0 || named.some(({ number }) => !Number.isInteger(number)))
    throw new AwsError("MalformedXML", "The XML you provided was not well-formed: it names no part, or one without its PartNumber");
  if (named.some(({ number }, index) => number <= (named[index - 1]?.number ?? 0)))
    throw new AwsError("InvalidPartOrder", "The list of parts was not in ascending order.");
  return named;
}

function chosen(named: NamedPart[], uploaded: Part[]): Part[] {
  return named.map(({ number, etag }) => {
    const part = uploaded.find((each) => each.number === number);
    if (part !== undefined && part.etag === etag) return part;
    const why = part === undefined ? "it was not uploaded" : `its ETag is "${part.etag}"`;
    throw new AwsError("InvalidPart", `One or more of the specified parts could not be found: part ${number} with ETag "${etag}", ${why}.`);
  });
}

function requireSizes(parts: Part[], told: string | string[] | undefined): void {
  const small = parts.slice(0, -1).find(({ size }) => size < smallestPart);
  if (small !== undefined)
    throw new AwsError(
      "EntityTooSmall",
      `Your proposed upload is smaller than the minimum allowed size: part ${small.number}, ${small.size} bytes`,
    );
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (size > largestObject)
    throw new AwsError("EntityTooLarge", `The local S3 keeps objects of at most ${largestObject} bytes, not ${size}`);
  if (told !== undefined && Number(told) !== size)
    throw new AwsError(
      "InvalidRequest",
      `The provided 'x-amz-mp-object-size' header value ${told} does not match what was computed: ${size}`,
    );
}

/** As its beginning asked for. Errors: a part is not what the body says of it. */
function summedUp({ headers }: Upload, named: NamedPart[], bodies: Uint8Array[], body: Buffer): Checksum | undefined {
  const algorithm = algorithmIn(headers);
  if (algorithm === undefined) return undefined;
  const sums = bodies.map((each) => checksumOf(algorithm, each));
  named.forEach(({ number, text }, index) => {
    const told = element(text, `Checksum${algorithm.toUpperCase()}`)?.trim();
    if (told !== undefined && told !== sums[index])
      throw new AwsError(
        "InvalidPart",
        `One or more of the specified parts could not be found: the checksum of part ${number} is ${sums[index]}`,
      );
  });
  const isWhole = headers["x-amz-checksum-type"] === "FULL_OBJECT";
  return { algorithm, value: isWhole ? checksumOf(algorithm, body) : compositeOf(algorithm, sums) };
}

/** What the caller's own checksum of the object should have been. */
const expectedOf = (given: Checksum, own: Checksum | undefined, body: Buffer): string =>
  own?.algorithm === given.algorithm ? own.value : checksumOf(given.algorithm, body);

const etagOf = (parts: Part[]): string =>
  `${createHash("md5")
    .update(Buffer.from(parts.map(({ etag }) => etag).join(""), "hex"))
    .digest("hex")}-${parts.length}`;
