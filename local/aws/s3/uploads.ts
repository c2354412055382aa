import { randomUUID } from "node:crypto";
import { AwsError } from "../error.ts";
import type { AwsAnswer, AwsCall } from "../service.ts";
import { checksumFields, copied, owner, quoted, time } from "./answers.ts";
import { checksumOf } from "./checksums.ts";
import { completeUpload } from "./complete.ts";
import { type Address, sourceOf } from "./operation.ts";
import { rangeOf } from "./read.ts";
import { received } from "./received.ts";
import type { ObjectStore } from "./store.ts";
import type { Upload, UploadStore } from "./upload-store.ts";
import { algorithmIn, checksumHeader, keptHeaders, requireKey, sourceObject } from "./write.ts";
import { xmlAnswer } from "./xml.ts";

type Step = (call: AwsCall, address: Address) => AwsAnswer;
type Steps = "CreateMultipartUpload" | "UploadPart" | "UploadPartCopy" | "ListParts" | "CompleteMultipartUpload" | "AbortMultipartUpload";

const mostParts = 10_000;

/** What an upload in parts consists of. */
export function multipartSteps(objects: ObjectStore, uploads: UploadStore): Record<Steps, Step> {
  return {
    CreateMultipartUpload: (call, address) => begin(uploads, call, address),
    UploadPart: (call, address) => {
      const { id } = existingUpload(uploads, call, address);
      const number = partNumber(call);
      const { body, checksum } = received(call);
      return { status: 200, headers: { etag: quoted(uploads.putPart(id, number, body).etag), ...checksumHeader(checksum) } };
    },
    UploadPartCopy: (call, address) => copyPart(objects, uploads, call, address),
    ListParts: (call, address) => listParts(uploads, existingUpload(uploads, call, address), call.query),
    CompleteMultipartUpload: (call, address) => completeUpload(objects, uploads, existingUpload(uploads, call, address), call),
    AbortMultipartUpload: (call, address) => {
      uploads.remove(existingUpload(uploads, call, address).id);
      return { status: 204 };
    },
  };
}

function begin(uploads: UploadStore, { headers }: AwsCall, { bucket, key }: Address): AwsAnswer {
  requireKey(key);
  const algorithm = algorithmIn(headers);
  const type = String(headers["x-amz-checksum-type"] ?? (algorithm === "crc64nvme" ? "FULL_OBJECT" : "COMPOSITE"));
  const wholes = ["crc32", "crc32c", "crc64nvme"];
  if (algorithm !== undefined && (type === "FULL_OBJECT" ? !wholes.includes(algorithm) : algorithm === "crc64nvme"))
    throw new AwsError("InvalidRequest", `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`);
  const checksum = algorithm && { "x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": type };
  const id = randomUUID();
  uploads.begin({ id, bucket, key, headers: { ...keptHeaders(headers), ...checksum } });
  const answer = xmlAnswer("InitiateMultipartUploadResult", { Bucket: bucket, Key: key, UploadId: id });
  const told = algorithm && { "x-amz-checksum-algorithm": algorithm.toUpperCase(), "x-amz-checksum-type": type };
  return { ...answer, headers: { ...answer.headers, ...told } };
}

function copyPart(objects: ObjectStore, uploads: UploadStore, call: AwsCall, address: Address): AwsAnswer {
  const upload = existingUpload(uploads, call, address);
  const number = partNumber(call);
  const source = sourceObject(objects, sourceOf(call), call.headers);
  const asked = call.headers["x-amz-copy-source-range"];
  const range = asked === undefined ? undefined : rangeOf(String(asked), source.body.length);
  if (asked !== undefined && (range === undefined || Number(/-(\d+)$/.exec(String(asked))?.[1]) !== range.end - 1))
    throw new AwsError("InvalidArgument", `Range specified is not valid for source object of size: ${source.body.length}, given ${asked}`);
  const body = source.body.subarray(range?.start, range?.end);
  const algorithm = algorithmIn(upload.headers);
  const part = uploads.putPart(upload.id, number, body);
  const checksum = algorithm && { algorithm, value: checksumOf(algorithm, body) };
  return copied("CopyPartResult", { etag: part.etag, modified_at: part.uploaded_at }, checksum);
}

function listParts(uploads: UploadStore, { id, bucket, key, headers }: Upload, query: URLSearchParams): AwsAnswer {
  const after = Number(query.get("part-number-marker") ?? 0);
  const most = Math.min(Number(query.get("max-parts") ?? 1000), 1000);
  if (!Number.isInteger(after) || !(Number.isInteger(most) && most >= 0))
    throw new AwsError("InvalidArgument", "part-number-marker and max-parts must be integers from 0 on");
  const found = uploads.parts(id).filter(({ number }) => number > after);
  const shown = found.slice(0, most);
  const algorithm = algorithmIn(headers);
  return xmlAnswer("ListPartsResult", {
    ...{
      Bucket: bucket,
      Key: key,
      UploadId: id,
      PartNumberMarker: after,
      NextPartNumberMarker: shown.at(-1)?.number ?? after,
      MaxParts: most,
    },
    ...{ IsTruncated: found.length > shown.length, Initiator: owner, Owner: owner, StorageClass: "STANDARD" },
    ...(algorithm && { ChecksumAlgorithm: algorithm.toUpperCase(), ChecksumType: headers["x-amz-checksum-type"] }),
    Part: shown.map(({ number, etag, size, uploaded_at }) => {
      const { ChecksumType: _, ...sum } = checksumFields(
        algorithm && { algorithm, value: checksumOf(algorithm, uploads.body(id, number)) },
      );
      return { PartNumber: number, LastModified: time(uploaded_at), ETag: quoted(etag), Size: size, ...sum };
    }),
  });
}

function existingUpload(uploads: UploadStore, { query }: AwsCall, { bucket, key }: Address): Upload {
  const upload = uploads.find(query.get("uploadId") ?? "");
  if (upload?.bucket === bucket && upload.key === key) return upload;
  throw new AwsError("NoSuchUpload", "The specified upload does not exist: it may have been aborted or completed.", 404);
}

function partNumber({ query }: AwsCall): number {
  const given = query.get("partNumber") ?? "";
  if (/^\d+$/.test(given) && Number(given) >= 1 && Number(given) <= mostParts) return Number(given);
  throw new AwsError("InvalidArgument", `Part number must be an integer between 1 and ${mostParts}, inclusive, given ${given}`);
}
