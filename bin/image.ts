import { parseArgs } from "node:util";
import { archiveOf, digestOf } from "../local/images/oci/archive.ts";
import { imagesOnNode, modelServers } from "../local/images/oci/model-servers.ts";
import { writeWhole } from "../local/images/oci/whole-file.ts";

/**
 * `npm run image -- NAME FILE [--as REGISTRY/NAME:TAG]`: writes one of Slipway's own model servers as an OCI archive, which
 * nodes import and registries take. It is made of the repository's files and the Node that runs this, without Docker.
 */
const names = Object.keys(modelServers);
const usage = `npm run image -- NAME FILE [--as REGISTRY/NAME:TAG]; NAME: ${names.join(" | ")}`;

function main(): void {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { as: { type: "string" } } });
  if (process.platform !== "linux")
    throw new Error(`The Node of this machine is for ${process.platform}, and nodes run Linux: write images on Linux`);
  const [given = "", file, ...more] = positionals;
  const name = names.find((each) => [each, each.replace(/:.*/, "")].includes(given)) ?? "";
  const files = modelServers[name];
  if (!files) throw new Error(`There is no image ${given || "without a name"} here. Use: ${usage}`);
  if (!file || more.length > 0) throw new Error(`One file is written: given ${[file, ...more].join(" ") || "none"}. Use: ${usage}`);
  const image = imagesOnNode()(readReference(values.as ?? name), files());
  const archive = archiveOf([image]);
  write(file, archive);
  console.log(`${file}: ${image.name}, ${(archive.length / 2 ** 20).toFixed(0)} MiB, ${digestOf(archive)}`);
}

function write(file: string, archive: Buffer): void {
  try {
    writeWhole(file, archive);
  } catch (error) {
    throw new Error(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}. Name a file in a folder that is there`);
  }
}

/** As registries and nodes know images: registry, path and tag. */
function readReference(given: string): string {
  if (/^([a-z0-9.-]+(:\d+)?\/)?[a-z0-9._-]+(\/[a-z0-9._-]+)*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(given)) return given;
  throw new Error(`--as must be a name with a tag, such as registry.example.com/ml/onnx-server:1, given ${given}`);
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
