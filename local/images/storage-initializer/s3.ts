import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";

/** Copies the object at the key, or every object below it as a prefix, keeping the paths below the prefix. Gives where they lie. */
export async function downloadS3(source: URL, destination: string): Promise<string[]> {
  const client = new S3Client({ forcePathStyle: true });
  const bucket = source.hostname;
  const prefix = decodeURIComponent(source.pathname.slice(1));
  const keys = await listKeys(client, bucket, prefix);
  if (keys.length === 0) throw new Error(`no object ${prefix.replace(/\/$/, "")} and none below it in bucket ${bucket}`);
  const files = keys.map((key) => ({ key, file: join(destination, pathBelow(prefix, key)) }));
  for (const { key, file } of files) await download(client, bucket, key, file);
  return files.map(({ file }) => file);
}

async function listKeys(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    // As the image does: an object without a byte is taken for a folder's mark.
    keys.push(...(page.Contents ?? []).flatMap(({ Key, Size }) => (Key === undefined || Size === 0 ? [] : Key)));
  }
  // The prefix names a folder: `models/1` must not bring `models/10/…`.
  const folder = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
  return keys.filter((key) => (key === prefix || key.startsWith(folder)) && !key.endsWith("/"));
}

function pathBelow(prefix: string, key: string): string {
  const below = key === prefix ? basename(key) : key.slice(prefix.length).replace(/^\/+/, "");
  if (normalize(below).startsWith("..")) throw new Error(`object ${key} would be written outside of the destination`);
  return below;
}

async function download(client: S3Client, bucket: string, key: string, file: string): Promise<void> {
  const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  await mkdir(dirname(file), { recursive: true });
  await pipeline(object.Body as Readable, createWriteStream(file));
}
