import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { archiveOf, digestOf } from "../../../local/images/oci/archive.ts";
import { writeWhole } from "../../../local/images/oci/whole-file.ts";
import { archives } from "./catalogue.ts";

/**
 * `write.ts node|gateway PROGRAM FOLDER`: writes the images of one archive into the folder, named by their content, and
 * that name into the file `<archive>.latest`. `ctr -n k8s.io images import` reads it. PROGRAM: pause or traefik, as built.
 */
const [kind = "", program, folder] = process.argv.slice(2);
const imagesOf = Object.hasOwn(archives, kind) ? archives[kind as keyof typeof archives] : undefined;
if (!imagesOf || !program || !folder) {
  console.error(`usage: write.ts ${Object.keys(archives).join("|")} PROGRAM FOLDER`);
  process.exit(2);
}

const images = imagesOf(program);
const archive = archiveOf(images);
const name = `${kind}-${digestOf(archive).slice(-64, -52)}.tar`;
mkdirSync(folder, { recursive: true });
if (!existsSync(join(folder, name))) writeWhole(join(folder, name), archive);
writeWhole(join(folder, `${kind}.latest`), name);
for (const old of readdirSync(folder)) if (old.startsWith(`${kind}-`) && old !== name) rmSync(join(folder, old));
console.log(`${name}: ${images.map((image) => image.name).join(", ")}`);
