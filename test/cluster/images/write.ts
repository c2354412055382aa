import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { archiveOf } from "./archive.ts";
import { imagesOf } from "./catalogue.ts";

/**
 * --pause FILE (the program that holds a pod's namespaces), --output FOLDER: writes every image of the real node into one
 * archive named by its content, and that name into the file `latest`. `ctr -n k8s.io images import` reads it.
 */
const { values } = parseArgs({ options: { pause: { type: "string" }, output: { type: "string" } } });
const { pause, output } = values;
if (!pause || !output) {
  console.error("usage: write.ts --pause FILE --output FOLDER");
  process.exit(2);
}

const images = imagesOf(pause);
const archive = archiveOf(images);
const name = `images-${createHash("sha256").update(archive).digest("hex").slice(0, 12)}.tar`;
mkdirSync(output, { recursive: true });
if (!existsSync(join(output, name))) replace(name, archive);
replace("latest", name);
for (const old of readdirSync(output)) if (old.startsWith("images-") && old !== name) rmSync(join(output, old));
console.log(`${name}: ${images.map((image) => image.name).join(", ")}`);

/** Whole or not at all. */
function replace(file: string, content: Buffer | string): void {
  const unfinished = join(output as string, `.${file}.${process.pid}`);
  writeFileSync(unfinished, content);
  renameSync(unfinished, join(output as string, file));
}
