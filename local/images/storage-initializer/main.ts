import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { downloadHttp } from "./http.ts";
import { downloadS3 } from "./s3.ts";
import { unpackTar } from "./tar.ts";

/**
 * Stands in for the image `kserve/storage-initializer`: arguments are pairs of source URI and destination folder.
 * Ends with 1 and the cause on stderr when a source cannot be copied.
 */
const downloads: Record<string, (source: URL, destination: string) => Promise<string[]>> = {
  "s3:": downloadS3,
  "https:": downloadHttp,
};

const pairs = process.argv.slice(2);
if (pairs.length === 0 || pairs.length % 2 !== 0) fail(`arguments must be pairs of source and destination, given: ${pairs.join(" ")}`);
for (let index = 0; index < pairs.length; index += 2) await copy(pairs[index] as string, pairs[index + 1] as string);

async function copy(source: string, destination: string): Promise<void> {
  const url = URL.parse(source);
  const download = url && downloads[url.protocol];
  if (!url || !download) fail(`${source}: only ${Object.keys(downloads).join(" and ")}// sources can be copied on one machine`);
  console.log(`copying ${source} to ${destination}`);
  try {
    const files = await download(url, destination);
    console.log(`copied ${counted(files.length)}`);
    const [only] = files;
    if (files.length === 1 && only !== undefined) await unpack(only, destination);
  } catch (error) {
    fail(`${source} cannot be copied: ${(error as Error).message}`);
  }
}

/** As the image does with an archive that is all there is: training services (SageMaker's) leave their model as `model.tar.gz`. */
async function unpack(file: string, destination: string): Promise<void> {
  if (file.endsWith(".zip")) throw new Error("a zip archive is not unpacked on one machine: give a .tar.gz, or a folder");
  if (!/\.(?:tar|tar\.gz|tgz)$/.test(file)) return;
  const files = await unpackTar(file, destination);
  await rm(file);
  console.log(`unpacked ${counted(files)} from ${basename(file)}`);
}

function counted(files: number): string {
  return `${files} file${files === 1 ? "" : "s"}`;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
