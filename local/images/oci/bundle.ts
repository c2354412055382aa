import { join } from "node:path";
import { buildSync } from "esbuild";
import { nodeProgram, projectRoot } from "../../../lib/toolkit/node-program.ts";

/** A program of the repository as one file without imports but Node's own. */
export function bundle(entry: string): Buffer {
  const { outputFiles } = buildSync({
    ...nodeProgram,
    entryPoints: [join(projectRoot, entry)],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  return Buffer.from(outputFiles[0]?.contents ?? []);
}
