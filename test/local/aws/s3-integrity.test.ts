import { createHash } from "node:crypto";
import { ChecksumAlgorithm, HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type algorithms, checksumOf } from "../../../local/aws/s3/checksums.ts";
import { at, type S3, startS3 } from "./support/s3.ts";

let s3: S3;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3?.close());

const of = (algorithm: "md5" | "sha256", text: string) => createHash(algorithm).update(text).digest("base64");
const put = async (headers: Record<string, string>, body = "hello") => {
  const answer = await s3.send("s3", { method: "PUT", path: "/models/checked", headers, body });
  return /<Code>(\w+)</.exec(await answer.text())?.[1] ?? String(answer.status);
};

it.each([
  ["crc32", "cbf43926"],
  ["crc32c", "e3069283"],
  ["crc64nvme", "ae8b14860a799888"],
] as const)("%s is what its catalogue has for 123456789", (algorithm, sum) => {
  expect(checksumOf(algorithm, Buffer.from("123456789"))).toBe(Buffer.from(sum, "hex").toString("base64"));
});

it.each(["CRC32", "CRC32C", "SHA1", "SHA256"] as const)("a %s that the SDK has made is right, and told to who asks", async (algorithm) => {
  await s3.put("summed", "hello", { ChecksumAlgorithm: ChecksumAlgorithm[algorithm] });
  const value = checksumOf(algorithm.toLowerCase() as (typeof algorithms)[number], Buffer.from("hello"));
  const head = await s3.client.send(new HeadObjectCommand({ ...at("summed"), ChecksumMode: "ENABLED" }));
  expect(head).toMatchObject({ [`Checksum${algorithm}`]: value, ChecksumType: "FULL_OBJECT" });
  const plain = await s3.send("s3", { method: "HEAD", path: "/models/summed" });
  expect(plain.headers.get(`x-amz-checksum-${algorithm.toLowerCase()}`)).toBeNull();
});

it.each<[string, Record<string, string>, string]>([
  ["the right MD5", { "content-md5": of("md5", "hello") }, "200"],
  ["another's MD5", { "content-md5": of("md5", "other") }, "BadDigest"],
  ["what is no MD5", { "content-md5": "hello" }, "InvalidDigest"],
  ["the right checksum", { "x-amz-checksum-sha256": of("sha256", "hello") }, "200"],
  ["another's checksum", { "x-amz-checksum-sha256": of("sha256", "other") }, "BadDigest"],
  ["what is no checksum", { "x-amz-checksum-sha256": "hello" }, "InvalidRequest"],
  [
    "two checksums",
    { "x-amz-checksum-sha256": of("sha256", "hello"), "x-amz-checksum-crc32": checksumOf("crc32", Buffer.from("hello")) },
    "InvalidRequest",
  ],
  ["a checksum that is not known here", { "x-amz-checksum-xxhash3": "AAAA" }, "NotImplemented"],
  ["another's hash of the payload", { "x-amz-content-sha256": "0".repeat(64) }, "XAmzContentSHA256Mismatch"],
])("%s", async (_what, headers, expected) => {
  await s3.put("checked", "before");
  expect(await put(headers)).toBe(expected);
  expect(await s3.text("checked")).toBe(expected === "200" ? "hello" : "before");
});

const chunked = (trailer: string, { length = 5, announced = "x-amz-checksum-crc32" } = {}) =>
  put(
    {
      "content-encoding": "aws-chunked",
      "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-decoded-content-length": String(length),
      "x-amz-trailer": announced,
    },
    `5\r\nhello\r\n0\r\n${trailer}\r\n`,
  );

it("what comes in chunks is held against the checksum behind it, and against its length", async () => {
  const trailer = (text: string) => `x-amz-checksum-crc32:${checksumOf("crc32", Buffer.from(text))}\r\n`;
  expect(await chunked(trailer("hello"))).toBe("200");
  expect(await chunked(trailer("other"))).toBe("BadDigest");
  expect(await chunked(trailer("hello"), { length: 6 })).toBe("IncompleteBody");
  expect(await chunked("")).toBe("MalformedTrailerError");
});

it("what comes in signed chunks, as clients send it without TLS, is put together", async () => {
  const signature = "0".repeat(64);
  const headers = {
    ...{ "content-encoding": "gzip,aws-chunked", "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" },
    ...{ "x-amz-decoded-content-length": "5", "x-amz-trailer": "x-amz-checksum-crc32" },
  };
  const sum = `x-amz-checksum-crc32:${checksumOf("crc32", Buffer.from("hello"))}\r\nx-amz-trailer-signature:${signature}\r\n`;
  const chunks = ["3", "hel", "2", "lo"].map((part) => (part.length === 1 ? `${part};chunk-signature=${signature}` : part)).join("\r\n");
  expect(await put(headers, `${chunks}\r\n0;chunk-signature=${signature}\r\n${sum}\r\n`)).toBe("200");
  const { headers: told } = await s3.send("s3", { method: "HEAD", path: "/models/checked" });
  expect([told.get("content-length"), told.get("content-encoding")]).toEqual(["5", "gzip"]);
});
