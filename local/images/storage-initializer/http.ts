import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Copies one file; its name is the last part of the path. */
export async function downloadHttp(source: URL, destination: string): Promise<number> {
  const response = await fetch(source);
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status} ${response.statusText}`);
  await mkdir(destination, { recursive: true });
  await pipeline(Readable.fromWeb(response.body), createWriteStream(join(destination, basename(source.pathname) || "model")));
  return 1;
}
