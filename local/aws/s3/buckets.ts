import { region } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { AwsAnswer, AwsCall } from "../service.ts";
import { owner, time } from "./answers.ts";
import { placeOf, tokenOf } from "./listing.ts";
import { notBuilt, refuseVersion } from "./operation.ts";
import { received } from "./received.ts";
import type { ObjectStore } from "./store.ts";
import type { UploadStore } from "./upload-store.ts";
import { element, elements, type Fields, xmlAnswer } from "./xml.ts";

const mostBuckets = 10_000;
const mostDeletes = 1000;

export function listBuckets(store: ObjectStore, query: URLSearchParams): AwsAnswer {
  const most = Number(query.get("max-buckets") ?? mostBuckets);
  if (!(Number.isInteger(most) && most >= 1 && most <= mostBuckets))
    throw new AwsError("InvalidArgument", `Argument max-buckets must be an integer between 1 and ${mostBuckets}`);
  const token = query.get("continuation-token");
  const [prefix, after] = [query.get("prefix") ?? "", token === null ? "" : placeOf(token)];
  const isHere = (query.get("bucket-region") ?? region) === region;
  const found = isHere ? store.buckets().filter(({ name }) => name.startsWith(prefix) && name > after) : [];
  const shown = found.slice(0, most);
  return xmlAnswer("ListAllMyBucketsResult", {
    Owner: owner,
    Buckets: { Bucket: shown.map(({ name, created_at }) => ({ Name: name, CreationDate: time(created_at), BucketRegion: region })) },
    Prefix: prefix === "" ? undefined : prefix,
    ContinuationToken: found.length > shown.length ? tokenOf(shown.at(-1)?.name ?? "") : undefined,
  });
}

/** One that is there already is the caller's own: us-east-1 says yes to that. */
export function createBucket(store: ObjectStore, { body }: AwsCall, bucket: string): AwsAnswer {
  if (!isBucketName(bucket)) throw new AwsError("InvalidBucketName", `The specified bucket is not valid: ${bucket}`);
  const text = body.toString("utf8");
  const place = element(text, "LocationConstraint")?.trim() || region;
  if (place !== region) throw new AwsError("IllegalLocationConstraintException", `All local buckets are in ${region}, given ${place}`);
  for (const name of ["Location", "Bucket", "Tags"]) {
    if (elements(text, name).length > 0) throw notBuilt(`a bucket with ${name}`);
  }
  store.createBucket(bucket);
  return { status: 200, headers: { location: `/${bucket}` } };
}

const isBucketName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..") && !/^\d+\.\d+\.\d+\.\d+$/.test(name);

export function deleteBucket(store: ObjectStore, uploads: UploadStore, bucket: string): AwsAnswer {
  if (store.list(bucket, "", "", 1).length > 0)
    throw new AwsError("BucketNotEmpty", `The bucket you tried to delete is not empty: ${bucket}`, 409);
  uploads.removeOf(bucket);
  store.deleteBucket(bucket);
  return { status: 204 };
}

/** Who asks where a bucket of us-east-1 is, is told nothing. */
export const locationOf = (): AwsAnswer => xmlAnswer("LocationConstraint", {});

/** As of a bucket for which versioning was never turned on. */
export const versioningOf = (): AwsAnswer => xmlAnswer("VersioningConfiguration", {});

/** Each object succeeds or fails on its own; one that is not there is deleted. */
export function deleteObjects(store: ObjectStore, call: AwsCall, bucket: string): AwsAnswer {
  const text = received(call).body.toString("utf8");
  const objects = elements(text, "Object").map((object) => ({
    key: element(object, "Key"),
    version: element(object, "VersionId")?.trim() ?? null,
  }));
  if (objects.length === 0 || objects.length > mostDeletes || objects.some(({ key }) => key === undefined))
    throw new AwsError("MalformedXML", `The XML you provided was not well-formed: it names 1 to ${mostDeletes} objects, each by its Key`);
  if (elements(text, "ETag").length > 0) throw notBuilt("a deletion of several objects by their ETag");
  const isQuiet = element(text, "Quiet")?.trim() === "true";
  const results = objects.map(({ key = "", version }) => deleteOne(store, bucket, key, version));
  const failed = results.filter((result) => "Code" in result);
  return xmlAnswer("DeleteResult", { Deleted: isQuiet ? [] : results.filter((result) => !("Code" in result)), Error: failed });
}

function deleteOne(store: ObjectStore, bucket: string, Key: string, version: string | null): Fields {
  try {
    refuseVersion(version);
    store.delete(bucket, Key);
    return { Key };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { Key, VersionId: version ?? undefined, Code: error.code, Message: error.message };
  }
}
