import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "./support/endpoint.ts";
import { at, Bucket, type S3, startS3 } from "./support/s3.ts";

const mebibyte = 1024 * 1024;
const large = Buffer.alloc(5 * mebibyte, "l");

let s3: S3;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3?.close());

async function begin(Key: string, more = {}) {
  const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ ...at(Key), ContentType: "text/plain", ...more }));
  const here = { ...at(Key), UploadId };
  return {
    here,
    part: (PartNumber: number, Body: string | Uint8Array, given = {}) =>
      s3.client.send(new UploadPartCommand({ ...here, PartNumber, Body, ...given })),
    complete: (Parts: CompletedPart[], given = {}) =>
      s3.client.send(new CompleteMultipartUploadCommand({ ...here, MultipartUpload: { Parts }, ...given })),
    list: (given = {}) => s3.client.send(new ListPartsCommand({ ...here, ...given })),
  };
}

describe("an upload in parts", () => {
  it("is put together in the order of their numbers, and each part can be read again", async () => {
    const upload = await begin("large", { Metadata: { team: "risk" } });
    const [second, first] = [await upload.part(7, "world"), await upload.part(1, large)];
    const Parts = [
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 7, ETag: second.ETag },
    ];
    expect((await upload.complete(Parts)).ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect(await s3.text("large")).toBe(`${large}world`);
    const last = await s3.client.send(new GetObjectCommand({ ...at("large"), PartNumber: 2 }));
    expect(await last.Body?.transformToString()).toBe("world");
    expect(last).toMatchObject({
      PartsCount: 2,
      ContentLength: 5,
      ContentRange: `bytes ${large.length}-${large.length + 4}/${large.length + 5}`,
    });
    expect(last).toMatchObject({ ContentType: "text/plain", Metadata: { team: "risk" } });
    expect(await failure(s3.text("large", { PartNumber: 3 }))).toBe("InvalidPartNumber");
    await s3.put("whole", "one");
    expect(await s3.text("whole", { PartNumber: 1 })).toBe("one");
  });

  it("lists what has come, and is over when it is aborted", async () => {
    const upload = await begin("listed");
    await upload.part(1, "one");
    await upload.part(2, "two");
    await upload.part(3, "three");
    const page = await upload.list({ MaxParts: 2 });
    expect(page).toMatchObject({
      IsTruncated: true,
      NextPartNumberMarker: "2",
      Parts: [
        { PartNumber: 1, Size: 3 },
        { PartNumber: 2, Size: 3 },
      ],
    });
    const rest = await upload.list({ PartNumberMarker: page.NextPartNumberMarker });
    expect(rest.Parts).toMatchObject([{ PartNumber: 3, Size: 5 }]);
    await s3.client.send(new AbortMultipartUploadCommand(upload.here));
    expect(await failure(upload.list())).toBe("NoSuchUpload");
    expect(await failure(s3.text("listed"))).toBe("NoSuchKey");
  });

  it("takes parts of objects that are there", async () => {
    await s3.put("source", "0123456789");
    const upload = await begin("copied");
    const copy = (PartNumber: number, more = {}) =>
      s3.client.send(new UploadPartCopyCommand({ ...upload.here, PartNumber, CopySource: `${Bucket}/source`, ...more }));
    const { CopyPartResult } = await copy(1, { CopySourceRange: "bytes=2-5" });
    await upload.complete([{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
    expect(await s3.text("copied")).toBe("2345");
    const other = await begin("other");
    expect(await failure(copy(1))).toBe("NoSuchUpload");
    const beyond = { ...other.here, PartNumber: 1, CopySource: `${Bucket}/source`, CopySourceRange: "bytes=5-10" };
    expect(await failure(s3.client.send(new UploadPartCopyCommand(beyond)))).toBe("InvalidArgument");
  });

  it.each<[string, (etag: string) => CompletedPart[], object, string]>([
    ["a part that was not uploaded", () => [{ PartNumber: 3, ETag: '"x"' }], {}, "InvalidPart"],
    ["a part by another's ETag", () => [{ PartNumber: 1, ETag: '"x"' }], {}, "InvalidPart"],
    [
      "parts in no order",
      (ETag) => [
        { PartNumber: 2, ETag },
        { PartNumber: 1, ETag },
      ],
      {},
      "InvalidPartOrder",
    ],
    ["no part", () => [], {}, "MalformedXML"],
    [
      "a small part before the last",
      (ETag) => [
        { PartNumber: 1, ETag },
        { PartNumber: 2, ETag },
      ],
      {},
      "EntityTooSmall",
    ],
    ["another size", (ETag) => [{ PartNumber: 1, ETag }], { MpuObjectSize: 9 }, "InvalidRequest"],
    [
      "another's checksum",
      (ETag) => [{ PartNumber: 1, ETag }],
      { ChecksumSHA256: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=" },
      "BadDigest",
    ],
    ["what is there already", (ETag) => [{ PartNumber: 1, ETag }], { IfNoneMatch: "*" }, "PreconditionFailed"],
  ])("is not ended with %s, and can still be", async (_what, parts, given, expected) => {
    await s3.put("ended", "before");
    const upload = await begin("ended");
    const { ETag = "" } = await upload.part(1, "small");
    await upload.part(2, "small");
    expect(await failure(upload.complete(parts(ETag), given))).toBe(expected);
    expect(await s3.text("ended")).toBe("before");
    await upload.complete([{ PartNumber: 1, ETag }]);
    expect(await s3.text("ended")).toBe("small");
  });

  it("has the checksum of its parts' checksums, or of the whole, as its beginning said", async () => {
    const ended = async (key: string, more: object) => {
      const upload = await begin(key, { ChecksumAlgorithm: "CRC32", ...more });
      const [first, second] = [await upload.part(1, large), await upload.part(2, "rest")];
      const Parts = [first, second].map(({ ETag, ChecksumCRC32 }, index) => ({ PartNumber: index + 1, ETag, ChecksumCRC32 }));
      const wrong = Parts.map((part) => ({ ...part, ChecksumCRC32: "AAAAAA==" }));
      expect(await failure(upload.complete(wrong))).toBe("InvalidPart");
      const { ChecksumCRC32, ChecksumType } = await upload.complete(Parts);
      const head = await s3.client.send(new HeadObjectCommand({ ...at(key), ChecksumMode: "ENABLED" }));
      expect(head).toMatchObject({ ChecksumCRC32, ChecksumType });
      return { ChecksumCRC32, ChecksumType };
    };
    expect(await ended("composite", {})).toEqual({ ChecksumCRC32: expect.stringMatching(/^[\w+/]{6}==-2$/), ChecksumType: "COMPOSITE" });
    const whole = await ended("whole-sum", { ChecksumType: "FULL_OBJECT" });
    const { ChecksumCRC32 } = await s3.put("at-once", Buffer.concat([large, Buffer.from("rest")]), { ChecksumAlgorithm: "CRC32" });
    expect(whole).toEqual({ ChecksumCRC32, ChecksumType: "FULL_OBJECT" });
  });
});
