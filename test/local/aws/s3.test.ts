import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ObjectStore } from "../../../local/aws/s3/store.ts";
import { failure } from "./support/endpoint.ts";
import { at, Bucket, type S3, startS3 } from "./support/s3.ts";

let s3: S3;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3?.close());

describe("objects", () => {
  it.each(["a b/ü&<>/model.onnx", "a/../b", "./c", "d//e", "100%", "+", "?x=1&acl", "~!*'()", "back\\slash"])(
    "come back as they were put, with type and metadata, by the name %j",
    async (key) => {
      const more = { ContentType: "application/x-onnx", ContentEncoding: "gzip", Expires: new Date(0), Metadata: { team: "risk" } };
      const { ETag } = await s3.put(key, new Uint8Array([0, 255, 10, 13]), more);
      const got = await s3.client.send(new GetObjectCommand(at(key)));
      expect([...((await got.Body?.transformToByteArray()) ?? [])]).toEqual([0, 255, 10, 13]);
      const { Expires: _, ...told } = more;
      expect(got).toMatchObject({ ...told, ETag, ContentLength: 4, ExpiresString: "Thu, 01 Jan 1970 00:00:00 GMT" });
      expect(await s3.client.send(new HeadObjectCommand(at(key)))).toMatchObject({ ContentLength: 4, ETag });
    },
  );

  it("come in chunks when the client does not know their length or checksum before", async () => {
    const Body = Readable.from([Buffer.from("one "), Buffer.from("two "), Buffer.alloc(100_000, "x")]);
    await s3.client.send(new PutObjectCommand({ ...at("streamed"), Body, ContentLength: 100_008 }));
    expect(await s3.text("streamed")).toBe(`one two ${"x".repeat(100_000)}`);
    expect(await s3.client.send(new HeadObjectCommand(at("streamed")))).not.toHaveProperty("ContentEncoding");
  });

  it("are read in part", async () => {
    await s3.put("parts", "0123456789");
    const part = (Range: string) => s3.text("parts", { Range });
    expect(await part("bytes=2-4")).toBe("234");
    expect(await part("bytes=7-")).toBe("789");
    expect(await part("bytes=-2")).toBe("89");
    expect(await part("bytes=5-99")).toBe("56789");
    expect(await part("bytes=5-2")).toBe("0123456789");
    expect(await failure(part("bytes=10-"))).toBe("InvalidRange");
    expect(await failure(part("bytes=-0"))).toBe("InvalidRange");
  });

  it("are removed and then missing", async () => {
    await s3.put("from", "x");
    await s3.client.send(new DeleteObjectCommand(at("from")));
    expect(await failure(s3.text("from"))).toBe("NoSuchKey");
    expect(await failure(s3.client.send(new HeadObjectCommand(at("from"))))).toBe("NotFound");
  });

  it("are removed many at once, each with its own answer", async () => {
    const remove = (Delete: { Objects: { Key: string; VersionId?: string }[]; Quiet?: boolean }) =>
      s3.client.send(new DeleteObjectsCommand({ Bucket, Delete }));
    await s3.put("a<&\r'", "x");
    await s3.put("kept", "x");
    await s3.put(" spaced ", "x");
    await s3.put("spaced", "x");
    await remove({ Objects: [{ Key: " spaced " }] });
    expect([await failure(s3.text(" spaced ")), await s3.text("spaced")]).toEqual(["NoSuchKey", "x"]);
    const { Deleted, Errors } = await remove({ Objects: [{ Key: "a<&\r'" }, { Key: "never there" }, { Key: "kept", VersionId: "v1" }] });
    expect(Deleted).toEqual([{ Key: "a<&\r'" }, { Key: "never there" }]);
    expect(Errors).toMatchObject([{ Key: "kept", VersionId: "v1", Code: "NoSuchVersion" }]);
    expect(await failure(s3.text("a<&\r'"))).toBe("NoSuchKey");
    expect(await remove({ Objects: [{ Key: "kept" }], Quiet: true })).not.toHaveProperty("Deleted");
    expect(await failure(s3.text("kept"))).toBe("NoSuchKey");
    expect(await failure(remove({ Objects: [] }))).toBe("MalformedXML");
  });

  it("of a bucket that is not there are refused", async () => {
    expect(await failure(s3.client.send(new GetObjectCommand({ Bucket: "nowhere", Key: "x" })))).toBe("NoSuchBucket");
    expect(await failure(s3.client.send(new HeadBucketCommand({ Bucket: "nowhere" })))).toBe("NotFound");
  });
});

describe("a copy", () => {
  const copy = (Key: string, CopySource: string, more = {}) => s3.client.send(new CopyObjectCommand({ ...at(Key), CopySource, ...more }));

  it("has what its source has, or what is said of it", async () => {
    await s3.put("a b/ü", "copied", { Metadata: { team: "risk" }, ContentType: "text/x" });
    const { CopyObjectResult } = await copy("to", `${Bucket}/${encodeURIComponent("a b/ü")}`);
    const same = await s3.client.send(new HeadObjectCommand(at("to")));
    expect(same).toMatchObject({ Metadata: { team: "risk" }, ContentType: "text/x", ETag: CopyObjectResult?.ETag });
    await copy("to", `/${Bucket}/to`, { MetadataDirective: "REPLACE", Metadata: { team: "fraud" } });
    const other = await s3.client.send(new HeadObjectCommand(at("to")));
    expect(other).toMatchObject({ Metadata: { team: "fraud" }, ContentType: "binary/octet-stream" });
    expect(await s3.text("to")).toBe("copied");
  });

  it("is not made of what is missing, has changed, or is itself", async () => {
    await s3.put("self", "x");
    expect(await failure(copy("to", `${Bucket}/missing`))).toBe("NoSuchKey");
    expect(await failure(copy("to", "nowhere/missing"))).toBe("NoSuchBucket");
    expect(await failure(copy("to", "models"))).toBe("InvalidArgument");
    expect(await failure(copy("self", `${Bucket}/self`))).toBe("InvalidRequest");
    expect(await failure(copy("to", `${Bucket}/self?versionId=v1`))).toBe("NoSuchVersion");
    expect(await failure(copy("to", `${Bucket}/self`, { CopySourceIfMatch: '"other"' }))).toBe("PreconditionFailed");
  });
});

describe("buckets", () => {
  it("are made by names that S3 takes, and removed when nothing is in them", async () => {
    const create = (name: string) => s3.client.send(new CreateBucketCommand({ Bucket: name }));
    await create("emptied");
    await create("emptied");
    await s3.client.send(new PutObjectCommand({ Bucket: "emptied", Key: "a", Body: "x" }));
    expect(await failure(s3.client.send(new DeleteBucketCommand({ Bucket: "emptied" })))).toBe("BucketNotEmpty");
    await s3.client.send(new DeleteObjectCommand({ Bucket: "emptied", Key: "a" }));
    await s3.client.send(new DeleteBucketCommand({ Bucket: "emptied" }));
    expect(await failure(s3.client.send(new HeadBucketCommand({ Bucket: "emptied" })))).toBe("NotFound");
    for (const name of ["ab", "Upper", "under_score", "10.0.0.1", "a..b", "-a-b"])
      expect(await failure(create(name)), name).toBe("InvalidBucketName");
  });
});

it("objects that an earlier build has kept are there", () => {
  const database = new DatabaseSync(":memory:");
  database.exec(`CREATE TABLE objects (bucket TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, etag TEXT NOT NULL,
    modified_at INTEGER NOT NULL, headers TEXT NOT NULL, PRIMARY KEY (bucket, key));
    INSERT INTO objects VALUES ('b', 'k', 'body', 'etag', 7, '{"content-type":"text/x"}')`);
  const told = { etag: "etag", modified_at: 7, headers: { "content-type": "text/x" }, parts: null };
  // The second time there is nothing left to be done.
  for (const _time of [1, 2]) expect(new ObjectStore(database).get("b", "k")).toMatchObject(told);
});

it("a body that is larger than what is kept is refused before it is looked at", async () => {
  const headers = { "x-amz-decoded-content-length": "999000001", "content-encoding": "aws-chunked" };
  const answer = await s3.send("s3", { method: "PUT", path: `/${Bucket}/huge`, headers, body: "0\r\n\r\n" });
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("<Code>EntityTooLarge</Code>")]);
});
