import { ListBucketsCommand, ListObjectsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "./support/endpoint.ts";
import { Bucket, type S3, startS3 } from "./support/s3.ts";

let s3: S3;
const keys = ["list/a", "list/b/1", "list/b/2", "list/c", "list/ä"];
beforeAll(async () => {
  s3 = await startS3();
  for (const key of [...keys, "later"]) await s3.put(key, key);
});
afterAll(() => s3?.close());

const list = async (more: object) => s3.client.send(new ListObjectsV2Command({ Bucket, Prefix: "list/", ...more }));
const listV1 = async (more: object) => s3.client.send(new ListObjectsCommand({ Bucket, Prefix: "list/", ...more }));
interface Page {
  Contents?: { Key?: string }[];
  CommonPrefixes?: { Prefix?: string }[];
}
const namesOf = ({ Contents = [], CommonPrefixes = [] }: Page) => [
  ...Contents.map(({ Key }) => Key ?? ""),
  ...CommonPrefixes.map(({ Prefix }) => Prefix ?? ""),
];

describe.each([
  { Delimiter: undefined, names: keys },
  { Delimiter: "/", names: ["list/a", "list/b/", "list/c", "list/ä"] },
])("a listing with the delimiter $Delimiter", ({ Delimiter, names }) => {
  it.each([1, 2, 3, 1000])("goes on after %i names, without loss or repetition", async (MaxKeys) => {
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ MaxKeys, ContinuationToken, Delimiter });
      expect(page.KeyCount).toBe(namesOf(page).length);
      expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
      seen.push(...namesOf(page));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(seen.toSorted()).toEqual(names.toSorted());
  });

  it.each([1, 2, 3, 1000])("of the first version goes on behind the last of %i names", async (MaxKeys) => {
    const seen: string[] = [];
    let Marker: string | undefined;
    do {
      const page = await listV1({ MaxKeys, Marker, Delimiter });
      seen.push(...namesOf(page));
      // Without a delimiter S3 tells of no marker: the last key is one.
      Marker = page.IsTruncated ? (page.NextMarker ?? page.Contents?.at(-1)?.Key) : undefined;
    } while (Marker);
    expect(seen.toSorted()).toEqual(names.toSorted());
  });
});

describe("a listing", () => {
  it("begins after a key, has an owner where one is asked for, and nothing where nothing is asked for", async () => {
    expect(namesOf(await list({ StartAfter: "list/b/1" }))).toEqual(keys.slice(2));
    expect((await list({})).Contents?.[0]).not.toHaveProperty("Owner");
    expect((await list({ FetchOwner: true })).Contents?.[0]?.Owner?.ID).toBe("local");
    const nothing = await list({ MaxKeys: 0 });
    expect([nothing.KeyCount, nothing.IsTruncated, nothing.MaxKeys]).toEqual([0, false, 0]);
    expect((await list({ MaxKeys: 5000 })).MaxKeys).toBe(1000);
  });

  it("encodes names for clients that ask for it", async () => {
    await s3.put("odd/\u0001 ü+&/x", "x");
    const answer = await s3.send("s3", { method: "GET", path: `/${Bucket}?delimiter=%2F&encoding-type=url&list-type=2&prefix=odd%2F` });
    const text = await answer.text();
    expect(text).toContain("<Prefix>odd/%01%20%C3%BC%2B%26/</Prefix>");
    expect(text).toContain("<EncodingType>url</EncodingType>");
  });

  it("refuses what it cannot have been asked for", async () => {
    expect(await failure(list({ ContinuationToken: "mine" }))).toBe("InvalidArgument");
    expect(await failure(list({ MaxKeys: -1 }))).toBe("InvalidArgument");
    expect(await failure(list({ EncodingType: "base64" }))).toBe("InvalidArgument");
  });
});

it("buckets are listed by name, page by page, with a prefix", async () => {
  for (const name of ["logs-a", "logs-b", "logs-c"]) await s3.send("s3", { method: "PUT", path: `/${name}` });
  const first = await s3.client.send(new ListBucketsCommand({ Prefix: "logs-", MaxBuckets: 2 }));
  const second = await s3.client.send(new ListBucketsCommand({ Prefix: "logs-", ContinuationToken: first.ContinuationToken }));
  expect([first, second].map((page) => page.Buckets?.map(({ Name }) => Name))).toEqual([["logs-a", "logs-b"], ["logs-c"]]);
});
