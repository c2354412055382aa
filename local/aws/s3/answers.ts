import { escapeXml } from "../render.ts";
import type { AwsAnswer } from "../service.ts";
import type { Listed, ObjectStore } from "./store.ts";

const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const xml = (body: string): AwsAnswer => ({
  status: 200,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});
const time = (milliseconds: number): string => new Date(milliseconds).toISOString();

export function bucketList(buckets: { name: string; created_at: number }[]): AwsAnswer {
  const items = buckets.map(
    ({ name, created_at }) => `<Bucket><Name>${name}</Name><CreationDate>${time(created_at)}</CreationDate></Bucket>`,
  );
  return xml(
    `<ListAllMyBucketsResult ${namespace}><Owner><ID>local</ID></Owner><Buckets>${items.join("")}</Buckets></ListAllMyBucketsResult>`,
  );
}

/** ListObjectsV2; keys that share what comes before the delimiter are folded into one prefix. */
export function listing(store: ObjectStore, bucket: string, query: URLSearchParams): AwsAnswer {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const most = Number(query.get("max-keys") ?? 1000);
  const token = query.get("continuation-token");
  let after = token === null ? (query.get("start-after") ?? "") : Buffer.from(token, "base64url").toString();
  const objects: Listed[] = [];
  const prefixes: string[] = [];
  let more = true;
  while (more && objects.length + prefixes.length < most) {
    const [next] = store.list(bucket, prefix, after, 1);
    if (next === undefined) {
      more = false;
      break;
    }
    const fold = delimiter === "" ? -1 : next.key.indexOf(delimiter, prefix.length);
    if (fold < 0) {
      objects.push(next);
      after = next.key;
    } else {
      prefixes.push(next.key.slice(0, fold + delimiter.length));
      // Past every key with this prefix.
      after = `${next.key.slice(0, fold + delimiter.length)}\u{10FFFF}`;
    }
  }
  const truncated = more && store.list(bucket, prefix, after, 1).length > 0;
  return xml(
    `<ListBucketResult ${namespace}><Name>${bucket}</Name><Prefix>${escapeXml(prefix)}</Prefix><KeyCount>${objects.length + prefixes.length}</KeyCount>` +
      `<MaxKeys>${most}</MaxKeys><IsTruncated>${truncated}</IsTruncated>` +
      (truncated ? `<NextContinuationToken>${Buffer.from(after).toString("base64url")}</NextContinuationToken>` : "") +
      objects.map(contents).join("") +
      prefixes.map((common) => `<CommonPrefixes><Prefix>${escapeXml(common)}</Prefix></CommonPrefixes>`).join("") +
      "</ListBucketResult>",
  );
}

const contents = ({ key, etag, modified_at, size }: Listed): string =>
  `<Contents><Key>${escapeXml(key)}</Key><LastModified>${time(modified_at)}</LastModified><ETag>&quot;${etag}&quot;</ETag>` +
  `<Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;

export const deleted = (keys: string[]): AwsAnswer =>
  xml(`<DeleteResult ${namespace}>${keys.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`).join("")}</DeleteResult>`);

export const copied = (etag: string): AwsAnswer =>
  xml(`<CopyObjectResult ${namespace}><LastModified>${time(Date.now())}</LastModified><ETag>&quot;${etag}&quot;</ETag></CopyObjectResult>`);

export const multipartStarted = (bucket: string, key: string, id: string): AwsAnswer =>
  xml(
    `<InitiateMultipartUploadResult ${namespace}><Bucket>${bucket}</Bucket><Key>${escapeXml(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
  );

export const multipartCompleted = (bucket: string, key: string, etag: string): AwsAnswer =>
  xml(
    `<CompleteMultipartUploadResult ${namespace}><Bucket>${bucket}</Bucket><Key>${escapeXml(key)}</Key><ETag>&quot;${etag}&quot;</ETag></CompleteMultipartUploadResult>`,
  );
