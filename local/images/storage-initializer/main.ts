import { downloadHttp } from "./http.ts";
import { downloadS3 } from "./s3.ts";

/**
 * Stands in for the image `kserve/storage-initializer`: arguments are pairs of source URI and destination folder.
 * Ends with 1 and the cause on stderr when a source cannot be copied.
 */
const downloads: Record<string, (source: URL, destination: string) => Promise<number>> = {
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
    console.log(`copied ${files} file${files === 1 ? "" : "s"}`);
  } catch (error) {
    fail(`${source} cannot be copied: ${(error as Error).message}`);
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
