import { AwsError } from "../error.ts";
import type { AwsCall } from "../service.ts";

export interface Address {
  bucket: string;
  key: string;
}

/** What a request of S3 is told apart by. */
interface Shape {
  method: string;
  of: "service" | "bucket" | "object";
  /** Words of the query that make it this operation. */
  by?: string[];
  /** Further words that it takes. */
  takes?: string[];
  /** It names another object. */
  copies?: true;
}

const overrides = ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"];
const reading = [...overrides.map((name) => `response-${name}`), "partNumber", "versionId"];
const listing = ["prefix", "delimiter", "max-keys", "encoding-type"];

const shapes = {
  ListBuckets: { method: "GET", of: "service", takes: ["prefix", "max-buckets", "continuation-token", "bucket-region"] },
  CreateBucket: { method: "PUT", of: "bucket" },
  HeadBucket: { method: "HEAD", of: "bucket" },
  DeleteBucket: { method: "DELETE", of: "bucket" },
  GetBucketLocation: { method: "GET", of: "bucket", by: ["location"] },
  GetBucketVersioning: { method: "GET", of: "bucket", by: ["versioning"] },
  ListObjects: { method: "GET", of: "bucket", takes: [...listing, "marker"] },
  ListObjectsV2: {
    ...{ method: "GET", of: "bucket", by: ["list-type"] },
    takes: [...listing, "continuation-token", "start-after", "fetch-owner"],
  },
  DeleteObjects: { method: "POST", of: "bucket", by: ["delete"] },
  GetObject: { method: "GET", of: "object", takes: reading },
  HeadObject: { method: "HEAD", of: "object", takes: reading },
  PutObject: { method: "PUT", of: "object" },
  CopyObject: { method: "PUT", of: "object", copies: true },
  DeleteObject: { method: "DELETE", of: "object", takes: ["versionId"] },
  CreateMultipartUpload: { method: "POST", of: "object", by: ["uploads"] },
  UploadPart: { method: "PUT", of: "object", by: ["partNumber", "uploadId"] },
  UploadPartCopy: { method: "PUT", of: "object", by: ["partNumber", "uploadId"], copies: true },
  ListParts: { method: "GET", of: "object", by: ["uploadId"], takes: ["max-parts", "part-number-marker"] },
  CompleteMultipartUpload: { method: "POST", of: "object", by: ["uploadId"] },
  AbortMultipartUpload: { method: "DELETE", of: "object", by: ["uploadId"] },
} as const satisfies Record<string, Shape>;

export type Operation = keyof typeof shapes;
const known = Object.entries(shapes) as [Operation, Shape][];

/** Signatures of both versions, and what begins with x-: of that S3 itself takes no notice. */
const aside = /^(x-.*|AWSAccessKeyId|Signature|Expires)$/i;

/** Which operation a request is. Errors: NotImplemented, naming what was asked for, for each that is not here. */
export function operationOf({ method, path, query, headers }: Pick<AwsCall, "method" | "path" | "query" | "headers">): Operation {
  const { bucket, key } = addressOf(path);
  const of = bucket === "" ? "service" : key === "" ? "bucket" : "object";
  const asked = [...new Set(query.keys())].filter((name) => !aside.test(name));
  const copies = headers["x-amz-copy-source"] !== undefined;
  const [operation] =
    known.find(([, { by = [], takes = [], ...shape }]) => {
      const isComplete = by.every((name) => asked.includes(name)) && asked.every((name) => by.includes(name) || takes.includes(name));
      return shape.method === method && shape.of === of && (shape.copies ?? false) === copies && isComplete;
    }) ?? [];
  if (operation !== undefined) return operation;
  const what = { service: "all buckets", bucket: "a bucket", object: "an object" }[of];
  const words = asked.length === 0 ? "" : ` with ?${asked.join("&")}`;
  throw notBuilt(`${method} of ${what}${words}${copies ? " and x-amz-copy-source" : ""}`);
}

export const notBuilt = (what: string): AwsError => new AwsError("NotImplemented", `The local S3 does not do ${what}`, 501);

/** Path-style. Errors: the path is not well encoded. */
export function addressOf(path: string): Address {
  try {
    const [bucket = "", ...rest] = path.replace(/^\//, "").split("/").map(decodeURIComponent);
    return { bucket, key: rest.join("/") };
  } catch {
    throw new AwsError("InvalidURI", `Couldn't parse the specified URI: ${path}`);
  }
}

/** The object that `x-amz-copy-source` names. Errors: it names none, or a version of it. */
export function sourceOf({ headers }: Pick<AwsCall, "headers">): Address {
  const [path = "", query = ""] = String(headers["x-amz-copy-source"]).split("?");
  refuseVersion(new URLSearchParams(query).get("versionId"));
  const source = addressOf(path);
  if (source.bucket !== "" && source.key !== "") return source;
  throw new AwsError("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
}

/** Buckets keep no versions here: each object has the one that S3 calls `null`. */
export function refuseVersion(id: string | null): void {
  if (id === null || id === "null") return;
  throw new AwsError("NoSuchVersion", `The specified version does not exist: ${id} (the local S3 keeps no versions)`, 404);
}
