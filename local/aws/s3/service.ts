import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { AwsError } from "../error.ts";
import type { AwsAnswer, AwsCall, AwsService } from "../service.ts";
import { bucketList, copied, deleted, listing, multipartCompleted, multipartStarted } from "./answers.ts";
import { decodeChunks } from "./chunked-body.ts";
import type { ObjectStore, StoredObject } from "./store.ts";

interface Address {
  bucket: string;
  key: string;
}

/** S3 with path-style addresses. */
export function s3Service(store: ObjectStore): AwsService {
  return {
    handle: async (call) => {
      const [bucket = "", ...rest] = call.path.replace(/^\//, "").split("/").map(decodeURIComponent);
      const address = { bucket, key: rest.join("/") };
      if (bucket === "") return bucketList(store.buckets());
      if (address.key === "") return onBucket(store, call, bucket);
      requireBucket(store, bucket);
      return call.query.has("uploadId") || call.query.has("uploads") ? onUpload(store, call, address) : onObject(store, call, address);
    },
  };
}

function onBucket(store: ObjectStore, { method, query, body }: AwsCall, bucket: string): AwsAnswer {
  if (method === "PUT") {
    store.createBucket(bucket);
    return { status: 200, headers: { location: `/${bucket}` } };
  }
  requireBucket(store, bucket);
  if (method === "HEAD") return { status: 200, headers: { "x-amz-bucket-region": "us-east-1" } };
  if (method === "GET") return listing(store, bucket, query);
  if (method === "POST" && query.has("delete")) {
    const keys = [...body.toString("utf8").matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => unescapeXml(key ?? ""));
    for (const key of keys) store.delete(bucket, key);
    return deleted(keys);
  }
  throw new AwsError("MethodNotAllowed", `The local S3 does not know ${method} of a bucket`, 405);
}

function onObject(store: ObjectStore, call: AwsCall, { bucket, key }: Address): AwsAnswer {
  if (call.method === "GET" || call.method === "HEAD") return read(existing(store, { bucket, key }), call.headers);
  if (call.method === "DELETE") {
    store.delete(bucket, key);
    return { status: 204 };
  }
  if (call.method !== "PUT") throw new AwsError("MethodNotAllowed", `The local S3 does not know ${call.method} of an object`, 405);
  const source = call.headers["x-amz-copy-source"];
  if (source !== undefined) return copy(store, String(source), { bucket, key });
  refuseCondition(store.get(bucket, key), call.headers);
  const { body, headers } = received(call);
  return { status: 200, headers: { etag: `"${store.put(bucket, key, body, headers)}"` } };
}

function onUpload(store: ObjectStore, call: AwsCall, { bucket, key }: Address): AwsAnswer {
  const { method, query, body } = call;
  if (method === "POST" && query.has("uploads")) {
    const id = randomUUID();
    store.startUpload(id, bucket, key, keptHeaders(call.headers));
    return multipartStarted(bucket, key, id);
  }
  const id = query.get("uploadId") ?? "";
  if (!store.hasUpload(id)) throw new AwsError("NoSuchUpload", "The specified multipart upload does not exist.", 404);
  if (method === "PUT")
    return { status: 200, headers: { etag: `"${store.putPart(id, Number(query.get("partNumber")), received(call).body)}"` } };
  if (method === "DELETE") {
    store.abortUpload(id);
    return { status: 204 };
  }
  const numbers = [...body.toString("utf8").matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, number]) => Number(number));
  return multipartCompleted(bucket, key, store.completeUpload(id, numbers));
}

function copy(store: ObjectStore, source: string, { bucket, key }: Address): AwsAnswer {
  const [from = "", ...rest] = decodeURIComponent(source).replace(/^\//, "").split("/");
  const object = existing(store, { bucket: from, key: rest.join("/") });
  return copied(store.put(bucket, key, object.body, object.headers));
}

function read(object: StoredObject, asked: IncomingHttpHeaders): AwsAnswer {
  const headers = {
    "content-type": "application/octet-stream",
    "accept-ranges": "bytes",
    ...object.headers,
    etag: `"${object.etag}"`,
    "last-modified": new Date(object.modified_at).toUTCString(),
    "content-length": String(object.body.length),
  };
  if (asked["if-none-match"] === headers.etag) return { status: 304, headers: { etag: headers.etag } };
  const range = /^bytes=(\d*)-(\d*)$/.exec(asked.range ?? "");
  if (range === null) return { status: 200, headers, body: Buffer.from(object.body) };
  const size = object.body.length;
  const start = range[1] === "" ? Math.max(0, size - Number(range[2])) : Number(range[1]);
  const end = range[1] === "" || range[2] === "" ? size - 1 : Math.min(Number(range[2]), size - 1);
  if (start > end) throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416);
  const part = Buffer.from(object.body.subarray(start, end + 1));
  // A checksum is of the whole object: a client would hold the part against it.
  const ofPart = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("x-amz-checksum-")));
  return {
    status: 206,
    headers: { ...ofPart, "content-range": `bytes ${start}-${end}/${size}`, "content-length": String(part.length) },
    body: part,
  };
}

function existing(store: ObjectStore, { bucket, key }: Address): StoredObject {
  requireBucket(store, bucket);
  const object = store.get(bucket, key);
  if (object === undefined) throw new AwsError("NoSuchKey", `The specified key does not exist: ${key}`, 404);
  return object;
}

function requireBucket(store: ObjectStore, bucket: string): void {
  if (!store.hasBucket(bucket)) throw new AwsError("NoSuchBucket", `The specified bucket does not exist: ${bucket}`, 404);
}

/** Conditional writes: only when nothing is there, or only over what the caller has read. */
function refuseCondition(current: StoredObject | undefined, headers: IncomingHttpHeaders): void {
  const failed =
    (headers["if-none-match"] === "*" && current !== undefined) ||
    (headers["if-match"] !== undefined && headers["if-match"] !== `"${current?.etag}"`);
  if (failed) throw new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
}

function received({ body, headers }: AwsCall): { body: Buffer; headers: Record<string, string> } {
  const chunked =
    String(headers["content-encoding"] ?? "").includes("aws-chunked") || String(headers["x-amz-content-sha256"]).startsWith("STREAMING-");
  if (!chunked) return { body, headers: keptHeaders(headers) };
  const decoded = decodeChunks(body);
  return { body: decoded.body, headers: { ...keptHeaders(headers), ...decoded.trailers } };
}

const kept = /^(content-type|content-disposition|content-language|cache-control|x-amz-meta-.*|x-amz-checksum-(?!algorithm|type).*)$/;

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (kept.test(name) ? [[name, String(value)]] : [])));
}

const unescapeXml = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&amp;", "&");
