import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Copies one file; its name is the last part of the path. Gives where it lies. */
export async function downloadHttp(source: URL, destination: string): Promise<string[]> {
  const response = await fetch(source);
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status} ${response.statusText}`);
  await mkdir(destination, { recursive: true });
  const file = join(destination, basename(source.pathname) || "model");
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  return [file];
}
