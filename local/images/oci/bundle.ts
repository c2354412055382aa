import { join } from "node:path";
import { buildSync } from "esbuild";

const root = join(import.meta.dirname, "..", "..", "..");

/** A program of the repository as one file without imports but Node's own. */
export function bundle(entry: string): Buffer {
  const { outputFiles } = buildSync({
    entryPoints: [join(root, entry)],
    absWorkingDir: root,
    write: false,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    conditions: ["module", "import"],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    legalComments: "none",
    logLevel: "warning",
  });
  return Buffer.from(outputFiles[0]?.contents ?? []);
}
