import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleFunctions, bundleSizes, functionNames } from "../../lib/toolkit/bundles.ts";

/** Inside the project, so that its packages are found. */
const build = join(import.meta.dirname, "..", "..", ".build");
let folder: string;
beforeEach(() => {
  mkdirSync(build, { recursive: true });
  folder = mkdtempSync(join(build, "bundles-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kebab = (name: string) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
const writeEntries = (names: readonly string[]) => {
  for (const name of names) writeFileSync(join(folder, `${kebab(name)}.ts`), `export const handler = async () => "${name}";`);
};
const options = () => ({ entries: folder, output: join(folder, "out") });

describe("bundles", () => {
  it("make every function a module of its own that answers by its handler", async () => {
    writeEntries(functionNames);
    const bundles = bundleFunctions(options());
    for (const name of functionNames) {
      const { handler } = await import(pathToFileURL(join(bundles(name), "index.mjs")).href);
      expect(await handler()).toBe(name);
    }
  });

  it("bring every function the authorities that AWS has its certificates from", () => {
    writeEntries(functionNames);
    const bundles = bundleFunctions(options());
    for (const name of functionNames) {
      const text = readFileSync(join(bundles(name), "authorities.pem"), "utf8");
      const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
      const names = certificates.map((certificate) => new X509Certificate(certificate).toLegacyObject().subject.CN);
      const amazons = [1, 2, 3, 4].map((number) => `Amazon Root CA ${number}`);
      expect(names).toEqual(expect.arrayContaining([...amazons, "Starfield Services Root Certificate Authority - G2"]));
    }
  });

  it("name every entry file that is missing", () => {
    writeEntries(functionNames.filter((name) => name !== "AwaitReady" && name !== "Sync"));
    expect(() => bundleFunctions(options())).toThrow(/AwaitReady \(.*await-ready\.ts\), Sync \(.*sync\.ts\)$/);
  });

  it("leave a file alone that would not change", () => {
    writeEntries(functionNames);
    const file = join(bundleFunctions(options())("Sync"), "index.mjs");
    const before = statSync(file, { bigint: true });
    bundleFunctions(options());
    expect(statSync(file, { bigint: true })).toMatchObject({ ino: before.ino, mtimeNs: before.mtimeNs });
  });

  it("stay small enough to start quickly", () => {
    bundleFunctions({ output: options().output });
    const limit = 450 * 1024;
    const tooLarge = Object.entries(bundleSizes(options().output)).filter(([, { bytes }]) => bytes > limit);
    expect(tooLarge).toEqual([]);
  });

  it("import no built-in module, which would load all that it exports", () => {
    const bundles = bundleFunctions({ output: options().output });
    const importing = functionNames.filter((name) =>
      /from ?"(?:node:|[a-z/]+")/.test(readFileSync(join(bundles(name), "index.mjs"), "utf8")),
    );
    expect(importing).toEqual([]);
  });

  it("tell their sizes", () => {
    writeEntries(functionNames);
    bundleFunctions(options());
    const sizes = bundleSizes(options().output);
    expect(Object.keys(sizes)).toEqual(functionNames);
    for (const { bytes, gzip } of Object.values(sizes)) expect(Math.min(bytes, gzip)).toBeGreaterThan(0);
  });
});
