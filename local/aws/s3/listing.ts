import { AwsError } from "../error.ts";
import type { AwsAnswer } from "../service.ts";
import { owner, quoted, time } from "./answers.ts";
import type { Listed, ObjectStore } from "./store.ts";
import { xmlAnswer } from "./xml.ts";

const mostKeys = 1000;

interface Page {
  objects: Listed[];
  /** What keys have in common up to the delimiter. */
  prefixes: string[];
  /** Where the next page goes on; undefined when this was the last. */
  next: string | undefined;
}
interface Asked {
  bucket: string;
  prefix: string;
  delimiter: string;
  /** How many keys and prefixes. */
  most: number;
  after: string;
}

/** ListObjects: goes on behind the last name of a page, which is told where keys are folded, too. */
export function listObjects(store: ObjectStore, bucket: string, query: URLSearchParams): AwsAnswer {
  const told = encoder(query);
  const asked = askedFor(bucket, query, query.get("marker") ?? "");
  const { objects, prefixes, next } = page(store, asked);
  return xmlAnswer("ListBucketResult", {
    ...common(asked, query),
    Marker: told(asked.after),
    IsTruncated: next !== undefined,
    NextMarker: next === undefined || asked.delimiter === "" ? undefined : told(next),
    Contents: objects.map((object) => contents(object, told, true)),
    CommonPrefixes: prefixes.map((Prefix) => ({ Prefix: told(Prefix) })),
  });
}

/** ListObjectsV2. */
export function listObjectsV2(store: ObjectStore, bucket: string, query: URLSearchParams): AwsAnswer {
  if (query.get("list-type") !== "2") throw invalid(`list-type must be 2, given ${query.get("list-type")}`);
  const told = encoder(query);
  const token = query.get("continuation-token");
  const asked = askedFor(bucket, query, token === null ? (query.get("start-after") ?? "") : placeOf(token));
  const { objects, prefixes, next } = page(store, asked);
  return xmlAnswer("ListBucketResult", {
    ...common(asked, query),
    StartAfter: query.has("start-after") ? told(query.get("start-after") ?? "") : undefined,
    KeyCount: objects.length + prefixes.length,
    IsTruncated: next !== undefined,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: next === undefined ? undefined : tokenOf(next),
    Contents: objects.map((object) => contents(object, told, query.get("fetch-owner") === "true")),
    CommonPrefixes: prefixes.map((Prefix) => ({ Prefix: told(Prefix) })),
  });
}

/** Keys that share what comes before the delimiter are folded into one prefix. */
function page(store: ObjectStore, { bucket, prefix, delimiter, most, after }: Asked): Page {
  const found: Page = { objects: [], prefixes: [], next: undefined };
  const foldOf = (key: string): string | undefined => {
    const at = delimiter === "" || !key.startsWith(prefix) ? -1 : key.indexOf(delimiter, prefix.length);
    return at < 0 ? undefined : key.slice(0, at + delimiter.length);
  };
  // A page that ended with a prefix has told of every key below it.
  let place = foldOf(after) === after ? behind(after) : after;
  let last = "";
  while (most > 0) {
    const [next] = store.list(bucket, prefix, place, 1);
    if (next === undefined) break;
    if (found.objects.length + found.prefixes.length === most) return { ...found, next: last };
    const fold = foldOf(next.key);
    if (fold === undefined) found.objects.push(next);
    else found.prefixes.push(fold);
    last = fold ?? next.key;
    place = fold === undefined ? next.key : behind(fold);
  }
  return found;
}

/** After every key that begins with it. */
const behind = (prefix: string): string => `${prefix}\u{10FFFF}`;

function askedFor(bucket: string, query: URLSearchParams, after: string): Asked {
  const given = query.get("max-keys") ?? String(mostKeys);
  if (!/^\d+$/.test(given) || Number(given) > 2 ** 31 - 1) throw invalid(`Argument max-keys must be an integer from 0 on, given ${given}`);
  const most = Math.min(Number(given), mostKeys);
  return { bucket, prefix: query.get("prefix") ?? "", delimiter: query.get("delimiter") ?? "", most, after };
}

function common({ bucket, prefix, delimiter, most }: Asked, query: URLSearchParams) {
  const told = encoder(query);
  const encoding = query.get("encoding-type") ?? undefined;
  return {
    ...{ Name: bucket, Prefix: told(prefix), Delimiter: delimiter === "" ? undefined : told(delimiter), MaxKeys: most },
    EncodingType: encoding,
  };
}

/** Keys may have characters that XML has not: clients ask for them encoded. */
function encoder(query: URLSearchParams): (text: string) => string {
  const encoding = query.get("encoding-type");
  if (encoding === null) return (text) => text;
  if (encoding !== "url") throw invalid(`Invalid Encoding Method specified in Request: ${encoding}`);
  return (text) => encodeURIComponent(text).replaceAll("%2F", "/");
}

const contents = ({ key, etag, modified_at, size }: Listed, told: (text: string) => string, withOwner: boolean) => ({
  ...{ Key: told(key), LastModified: time(modified_at), ETag: quoted(etag), Size: size },
  ...{ Owner: withOwner ? owner : undefined, StorageClass: "STANDARD" },
});

const tokenPrefix = "after ";
export const tokenOf = (place: string): string => Buffer.from(tokenPrefix + place).toString("base64url");

/** Errors: the token was not given by an answer. */
export function placeOf(token: string): string {
  const text = Buffer.from(token, "base64url").toString();
  if (text.startsWith(tokenPrefix)) return text.slice(tokenPrefix.length);
  throw invalid("The continuation token provided is incorrect");
}

const invalid = (message: string): AwsError => new AwsError("InvalidArgument", message);
