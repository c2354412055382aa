import { join } from "node:path";
import type { BuildOptions } from "esbuild";

export const projectRoot = join(import.meta.dirname, "..", "..");

/** How esbuild makes a program of ours for Node 24: one file, in memory, that imports nothing but Node's own modules. */
export const nodeProgram = {
  absWorkingDir: projectRoot,
  write: false,
  bundle: true,
  minify: true,
  platform: "node",
  target: "node24",
  format: "esm",
  mainFields: ["module", "main"],
  conditions: ["module", "import"],
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;
