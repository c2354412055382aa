import { GetBucketLocationCommand, GetBucketVersioningCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bucket, type S3, startS3 } from "./support/s3.ts";

let s3: S3;
beforeAll(async () => {
  s3 = await startS3();
  await s3.put("model", "weights");
});
afterAll(() => s3?.close());

const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
  const answer = await s3.send("s3", { method, path, headers, body: method === "GET" || method === "HEAD" ? "" : "<Any/>" });
  const text = await answer.text();
  return { status: answer.status, code: /<Code>(\w+)</.exec(text)?.[1], message: /<Message>([^<]*)</.exec(text)?.[1] };
};

describe("what is not here is refused by its name, and changes nothing:", () => {
  it.each([
    ...["acl", "tagging", "retention", "legal-hold", "renameObject", "uploadId=u", "partNumber=1", "anything"].map((word) => ["PUT", word]),
    ...["acl", "tagging", "attributes", "torrent", "retention"].map((word) => ["GET", word]),
    ...["restore", "select", "select=&select-type=2"].map((word) => ["POST", word]),
    ...["tagging", "partNumber=1"].map((word) => ["DELETE", word]),
  ])("%s of an object with ?%s", async (method = "", word = "") => {
    const { status, code, message } = await ask(method, `/${Bucket}/model?${word}`);
    expect([status, code]).toEqual([501, "NotImplemented"]);
    expect(message).toBe(`The local S3 does not do ${method} of an object with ?${word.replaceAll(/=\w*/g, "").replaceAll("&", "&amp;")}`);
    expect(await s3.text("model")).toBe("weights");
  });

  it.each([
    ...["versioning", "policy", "tagging", "lifecycle", "encryption", "cors", "acl", "notification"].map((word) => ["PUT", word]),
    ...["acl", "policy", "versions", "uploads", "tagging", "lifecycle", "encryption", "object-lock"].map((word) => ["GET", word]),
    ...["policy", "lifecycle", "tagging"].map((word) => ["DELETE", word]),
    ["POST", "metadataTable"],
  ])("%s of a bucket with ?%s", async (method = "", word = "") => {
    const { status, code, message } = await ask(method, `/${Bucket}?${word}`);
    expect([status, code, message]).toEqual([501, "NotImplemented", `The local S3 does not do ${method} of a bucket with ?${word}`]);
    expect(await s3.text("model")).toBe("weights");
  });

  it.each([
    ["x-amz-storage-class", "GLACIER", "NotImplemented"],
    ["x-amz-tagging", "a=b", "NotImplemented"],
    ["x-amz-server-side-encryption", "aws:kms", "NotImplemented"],
    ["x-amz-server-side-encryption-customer-key", "k", "NotImplemented"],
    ["x-amz-object-lock-mode", "COMPLIANCE", "NotImplemented"],
    ["x-amz-write-offset-bytes", "7", "NotImplemented"],
    ["x-amz-acl", "public-read", "AccessControlListNotSupported"],
    ["x-amz-grant-read", "id=x", "AccessControlListNotSupported"],
    ["x-amz-expected-bucket-owner", "111111111111", "AccessDenied"],
  ])("a header %s: %s", async (name, value, code) => {
    const answer = await ask("PUT", `/${Bucket}/model`, { [name]: value });
    expect(answer).toMatchObject({ code, message: expect.stringContaining(code === "AccessDenied" ? "account" : `${name}: ${value}`) });
    expect(await s3.text("model")).toBe("weights");
  });

  it("an object's version", async () => {
    expect((await ask("GET", `/${Bucket}/model?versionId=v1`)).code).toBe("NoSuchVersion");
    expect((await ask("DELETE", `/${Bucket}/model?versionId=v1`)).code).toBe("NoSuchVersion");
    expect(await s3.text("model", { VersionId: "null" })).toBe("weights");
  });
});

it("headers that ask for what is so already are taken", async () => {
  const asked = {
    ...{ "x-amz-storage-class": "STANDARD", "x-amz-server-side-encryption": "AES256", "x-amz-acl": "private" },
    "x-amz-expected-bucket-owner": "000000000000",
  };
  expect((await ask("PUT", `/${Bucket}/usual`, asked)).status).toBe(200);
});

it("a bucket says where it is, and that it has no versions", async () => {
  expect(await s3.client.send(new GetBucketLocationCommand({ Bucket }))).not.toHaveProperty("LocationConstraint");
  expect(await s3.client.send(new GetBucketVersioningCommand({ Bucket }))).not.toHaveProperty("Status");
  expect((await ask("PUT", "/elsewhere")).status).toBe(200);
});

describe("a link", () => {
  const inAnHour = String(Math.floor(Date.now() / 1000) + 3600);
  const open = (query: string, key = "model") => fetch(`${s3.url}/${Bucket}/${key}?${query}`);

  it("of the second version of the signature opens until it ends, as boto3 makes it", async () => {
    const signed = (expires: string) => `AWSAccessKeyId=any&Signature=abc%3D&Expires=${expires}`;
    expect(await (await open(signed(inAnHour))).text()).toBe("weights");
    const ended = await open(signed("1000"));
    expect([ended.status, await ended.text()]).toEqual([
      403,
      expect.stringContaining("<Code>AccessDenied</Code><Message>Request has expired"),
    ]);
    expect((await open(signed("soon"))).status).toBe(403);
  });

  it("that has ended says so as S3 does", async () => {
    const scope = encodeURIComponent("any/20261121/us-east-1/s3/aws4_request");
    const limits = "X-Amz-Date=20261121T000000Z&X-Amz-Expires=1&X-Amz-SignedHeaders=host";
    const ended = await open(`X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${scope}&${limits}&X-Amz-Signature=${"0".repeat(64)}`);
    expect([ended.status, await ended.text()]).toEqual([
      403,
      expect.stringContaining("<Code>AccessDenied</Code><Message>Request has expired"),
    ]);
  });

  it("says as what the object is told", async () => {
    const told =
      "response-content-type=text%2Fx&response-content-disposition=attachment%3B%20filename%3D%22m%22&response-cache-control=no-store";
    const { headers } = await open(`AWSAccessKeyId=any&Signature=abc%3D&Expires=${inAnHour}&${told}`);
    expect(headers.get("content-type")).toBe("text/x");
    expect(headers.get("content-disposition")).toBe('attachment; filename="m"');
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it("that is not well encoded is told so", async () => {
    const answer = await open(`AWSAccessKeyId=any&Signature=abc%3D&Expires=${inAnHour}`, "%E0%A4%A");
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("<Code>InvalidURI</Code>")]);
  });
});
