import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "./support/endpoint.ts";
import { at, type S3, startS3 } from "./support/s3.ts";

let s3: S3;
let etag: string;
let modified: Date;
beforeAll(async () => {
  s3 = await startS3();
  etag = (await s3.put("there", "first")).ETag ?? "";
  modified = (await s3.client.send(new HeadObjectCommand(at("there")))).LastModified ?? new Date(0);
});
afterAll(() => s3?.close());

const earlier = () => new Date(modified.getTime() - 1000);

describe("a read", () => {
  it.each<[string, () => Record<string, string>, number]>([
    ["of what the reader knows", () => ({ "if-none-match": etag }), 304],
    ["of what has changed since", () => ({ "if-none-match": '"other"' }), 200],
    ["of what has not changed since a time", () => ({ "if-modified-since": modified.toUTCString() }), 304],
    ["of what has changed since a time", () => ({ "if-modified-since": earlier().toUTCString() }), 200],
    ["of what is still as it was", () => ({ "if-match": etag }), 200],
    ["of what is still as it was, without quotation marks", () => ({ "if-match": etag.replaceAll('"', "") }), 200],
    ["of what is no longer as it was", () => ({ "if-match": '"other"' }), 412],
    ["of what has not changed after a time", () => ({ "if-unmodified-since": modified.toUTCString() }), 200],
    ["of what has changed after a time", () => ({ "if-unmodified-since": earlier().toUTCString() }), 412],
    ["by its ETag, whatever its time", () => ({ "if-match": etag, "if-unmodified-since": earlier().toUTCString() }), 200],
    ["by another ETag, whatever its time", () => ({ "if-none-match": '"other"', "if-modified-since": modified.toUTCString() }), 200],
  ])("%s", async (_what, headers, status) => {
    for (const method of ["GET", "HEAD"]) {
      const answer = await s3.send("s3", { method, path: "/models/there", headers: headers() });
      expect([method, answer.status, answer.headers.get("etag")]).toEqual([method, status, status === 412 ? null : etag]);
      await answer.text();
    }
  });
});

describe("a write", () => {
  it("of what is not there yet is made once", async () => {
    await s3.put("once", "first", { IfNoneMatch: "*" });
    expect(await failure(s3.put("once", "second", { IfNoneMatch: "*" }))).toBe("PreconditionFailed");
    expect(await s3.text("once")).toBe("first");
    expect(await failure(s3.put("once", "second", { IfNoneMatch: '"other"' }))).toBe("NotImplemented");
  });

  it("over what the writer has read is made while nobody else has written", async () => {
    const { ETag } = await s3.put("changing", "first");
    await s3.put("changing", "second", { IfMatch: ETag });
    expect(await failure(s3.put("changing", "third", { IfMatch: ETag }))).toBe("PreconditionFailed");
    expect(await s3.text("changing")).toBe("second");
    expect(await failure(s3.put("missing", "x", { IfMatch: ETag }))).toBe("NoSuchKey");
  });
});
