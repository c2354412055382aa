import { build } from "esbuild";
import { expect, it } from "vitest";

/** What console and CLI bundle of the contract; the answers' schemas and OpenAPI are for whoever bundles the functions. */
const clients = ["routes", "create", "update", "parse", "problems"].map((name) => `export * from "./contract/${name}.ts";`).join("");

async function bundle(contents: string) {
  const result = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser", // anything of Node is an error
    mainFields: ["module", "main"],
  });
  return { bytes: result.outputFiles[0]?.contents.length ?? Number.NaN, inputs: Object.keys(result.metafile.inputs) };
}

it("runs in a browser and stays small", async () => {
  const { bytes, inputs } = await bundle(clients);
  expect(bytes).toBeLessThanOrEqual(160 * 1024);
  expect(inputs.filter((input) => /contract\/(answers|openapi|examples)/.test(input))).toEqual([]);
  expect(inputs.filter((input) => input.startsWith("node_modules/") && !input.startsWith("node_modules/zod/"))).toEqual([]);
});
