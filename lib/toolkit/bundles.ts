import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { openApiDocument } from "../../contract/openapi.ts";
import { type FunctionName, functionSettings } from "../../lambdas/runtime/settings.ts";
import project from "../../package.json" with { type: "json" };
import { authorities, authoritiesFile } from "./authorities.ts";
import { nodeProgram, projectRoot } from "./node-program.ts";

export const bundleFolder = join(projectRoot, ".build", "lambdas");
const entryFolder = join(projectRoot, "lambdas", "entry");

/** A bundled CommonJS dependency may still ask for a built-in module by `require`, and for nothing else. */
const banner = "const require=process.getBuiltinModule;";

/**
 * Built-in modules are asked for, also by dependencies. One that is imported gets every name that it exports, and with some
 * of them parts of Node that no function uses: WebCrypto, worker threads, the parser of options. A name that is missing in its
 * file is an error of the bundler.
 */
const askedFor = ["crypto", "util", "timers", "timers/promises"];
const alias = Object.fromEntries(
  askedFor.map((name) => [`node:${name}`, join(import.meta.dirname, "builtins", `${name.replace("/", "-")}.ts`)]),
);

/** What `lambdas/runtime/api-document.ts` stands for. */
const apiDocument = JSON.stringify(openApiDocument(project.version));

const kebab = (name: string): string => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
export const functionNames = Object.keys(functionSettings) as FunctionName[];

/** Folder with the `index.mjs` of each function, and the authorities that it trusts. */
export type Bundles = (functionName: FunctionName) => string;

/**
 * Bundles every function in one run of esbuild; each becomes an asset of its own, so that a change redeploys only the
 * functions it reaches. No module of ours is there for an effect of its import alone (package.json says so): one of which a
 * function uses nothing is left out, with the schemas that it would make. Errors: entry files that are missing, all by name; what esbuild says of the others.
 */
export function bundleFunctions({ entries = entryFolder, output = bundleFolder } = {}): Bundles {
  const files = functionNames.map((name) => ({ name, file: join(entries, `${kebab(name)}.ts`) }));
  const missing = files.filter(({ file }) => !existsSync(file)).map(({ name, file }) => `${name} (${relative(projectRoot, file)})`);
  if (missing.length > 0) throw new Error(`Functions without an entry file exporting \`handler\`: ${missing.join(", ")}`);
  const { outputFiles } = buildSync({
    ...nodeProgram,
    entryPoints: Object.fromEntries(files.map(({ name, file }) => [`${kebab(name)}/index`, file])),
    outdir: output,
    outExtension: { ".js": ".mjs" },
    alias,
    banner: { js: banner },
    define: { bundledApiDocument: JSON.stringify(apiDocument) },
  });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  const trusted = Buffer.from(authorities());
  for (const name of functionNames) replaceFile(join(output, kebab(name), authoritiesFile), trusted);
  return (name) => join(output, kebab(name));
}

/** Whole or not at all: two synths may run side by side, and one must never read half of what the other writes. */
function replaceFile(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}

/** Bytes of every function's bundle as it lies in `.build`, and compressed as it is uploaded. */
export function bundleSizes(output = bundleFolder): Record<FunctionName, { bytes: number; gzip: number }> {
  const size = (name: FunctionName) => {
    const code = readFileSync(join(output, kebab(name), "index.mjs"));
    return [name, { bytes: code.length, gzip: gzipSync(code).length }] as const;
  };
  return Object.fromEntries(functionNames.map(size)) as Record<FunctionName, { bytes: number; gzip: number }>;
}
