import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Credentials } from "../../../local/aws/credentials.ts";
import { awsEndpoint } from "../../../local/aws/endpoint.ts";
import { s3Service } from "../../../local/aws/s3/service.ts";
import { ObjectStore } from "../../../local/aws/s3/store.ts";
import { Roles } from "../../../local/iam/roles.ts";
import { templateOf } from "../template-of.ts";

const services = { s3: s3Service(new ObjectStore(new DatabaseSync(":memory:"))) };
const handle = awsEndpoint({
  credentials: new Credentials(),
  roles: new Roles(templateOf({})),
  tableKeys: new Map(),
  services,
  onDenied: () => {},
});
const server = createServer((request, response) => void handle(request, response));
let s3: S3Client;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  s3 = new S3Client({
    endpoint: `http://127.0.0.1:${port}/aws`,
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "x" },
  });
  await s3.send(new CreateBucketCommand({ Bucket: "models" }));
});
afterAll(() => {
  s3.destroy();
  server.close();
});

const at = (Key: string) => ({ Bucket: "models", Key });
const text = async (Key: string, more = {}) => (await s3.send(new GetObjectCommand({ ...at(Key), ...more }))).Body?.transformToString();
const failure = async (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => "none",
    (error: Error) => error.name,
  );

describe("objects", () => {
  it("come back as they were put, with type, metadata and any name", async () => {
    const Key = "a b/ü&<>/model.onnx";
    const put = await s3.send(
      new PutObjectCommand({
        ...at(Key),
        Body: new Uint8Array([0, 255, 10, 13]),
        ContentType: "application/x-onnx",
        Metadata: { team: "risk" },
      }),
    );
    const got = await s3.send(new GetObjectCommand(at(Key)));
    expect([...((await got.Body?.transformToByteArray()) ?? [])]).toEqual([0, 255, 10, 13]);
    expect(got).toMatchObject({ ETag: put.ETag, ContentType: "application/x-onnx", Metadata: { team: "risk" }, ContentLength: 4 });
    expect(await s3.send(new HeadObjectCommand(at(Key)))).toMatchObject({ ContentLength: 4, ETag: put.ETag });
  });

  it("come in chunks when the client does not know their length or checksum before", async () => {
    const Body = Readable.from([Buffer.from("one "), Buffer.from("two "), Buffer.alloc(100_000, "x")]);
    await s3.send(new PutObjectCommand({ ...at("streamed"), Body, ContentLength: 100_008 }));
    expect(await text("streamed")).toBe(`one two ${"x".repeat(100_000)}`);
  });

  it("are read in part", async () => {
    await s3.send(new PutObjectCommand({ ...at("parts"), Body: "0123456789" }));
    expect(await text("parts", { Range: "bytes=2-4" })).toBe("234");
    expect(await text("parts", { Range: "bytes=7-" })).toBe("789");
    expect(await text("parts", { Range: "bytes=-2" })).toBe("89");
    expect(await failure(s3.send(new GetObjectCommand({ ...at("parts"), Range: "bytes=10-" })))).toBe("InvalidRange");
  });

  it("are written only when nothing is there, where the writer says so", async () => {
    await s3.send(new PutObjectCommand({ ...at("once"), Body: "first", IfNoneMatch: "*" }));
    expect(await failure(s3.send(new PutObjectCommand({ ...at("once"), Body: "second", IfNoneMatch: "*" })))).toBe("PreconditionFailed");
    expect(await text("once")).toBe("first");
  });

  it("are copied, removed and then missing", async () => {
    await s3.send(new PutObjectCommand({ ...at("from"), Body: "copied" }));
    await s3.send(new CopyObjectCommand({ ...at("to"), CopySource: "models/from" }));
    expect(await text("to")).toBe("copied");
    await s3.send(new DeleteObjectCommand(at("from")));
    expect(await failure(s3.send(new GetObjectCommand(at("from"))))).toBe("NoSuchKey");
    expect(await failure(s3.send(new HeadObjectCommand(at("from"))))).toBe("NotFound");
    await s3.send(new DeleteObjectsCommand({ Bucket: "models", Delete: { Objects: [{ Key: "to" }, { Key: "never there" }] } }));
    expect(await failure(s3.send(new GetObjectCommand(at("to"))))).toBe("NoSuchKey");
  });

  it("are put together from parts in the order of their numbers", async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...at("large"), ContentType: "text/plain" }));
    const part = (PartNumber: number, Body: string) => s3.send(new UploadPartCommand({ ...at("large"), UploadId, PartNumber, Body }));
    const [second, first] = [await part(2, "world"), await part(1, "hello ")];
    const Parts = [
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 2, ETag: second.ETag },
    ];
    const done = await s3.send(new CompleteMultipartUploadCommand({ ...at("large"), UploadId, MultipartUpload: { Parts } }));
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect(await text("large")).toBe("hello world");
  });

  it("of a bucket that is not there are refused", async () => {
    expect(await failure(s3.send(new GetObjectCommand({ Bucket: "nowhere", Key: "x" })))).toBe("NoSuchBucket");
  });
});

describe("a listing", () => {
  const list = async (more: object) => s3.send(new ListObjectsV2Command({ Bucket: "models", Prefix: "list/", ...more }));

  it("is in the order of keys, page by page, without loss or repetition", async () => {
    const keys = ["list/a", "list/b/1", "list/b/2", "list/c", "list/ä"];
    for (const key of keys) await s3.send(new PutObjectCommand({ ...at(key), Body: key }));
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ MaxKeys: 2, ContinuationToken });
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ""));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(seen).toEqual(keys);
  });

  it("folds what lies below a delimiter", async () => {
    const page = await list({ Delimiter: "/" });
    expect(page.CommonPrefixes).toEqual([{ Prefix: "list/b/" }]);
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(["list/a", "list/c", "list/ä"]);
    expect(page.IsTruncated).toBe(false);
  });
});
