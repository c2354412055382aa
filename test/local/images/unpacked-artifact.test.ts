import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { unpackTar } from "../../../local/images/storage-initializer/tar.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-artifact-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const deep = `code/${"a-long-name-".repeat(6)}/${"another-".repeat(8)}/inference.py`;

/** As the machine's own `tar` packs it. */
function packed(name: string, ...options: string[]): string {
  const source = join(folder, "source");
  mkdirSync(join(source, deep, ".."), { recursive: true });
  writeFileSync(join(source, "model.joblib"), Buffer.alloc(100_000, 7));
  writeFileSync(join(source, "empty"), "");
  writeFileSync(join(source, deep), "print(1)");
  execFileSync("tar", [...options, "-cf", join(folder, name), "-C", source, "."]);
  return join(folder, name);
}

it.each([
  ["model.tar", ["--format=ustar"]],
  ["model.tar", ["--format=gnu"]],
  ["model.tar.gz", ["--format=pax", "-z"]],
  ["model.tgz", ["-z"]],
])("takes a %s apart that was packed with %j", async (name, options) => {
  const to = join(folder, "to");
  expect(await unpackTar(packed(name, ...options), to)).toBe(3);
  expect(readFileSync(join(to, "model.joblib"))).toEqual(Buffer.alloc(100_000, 7));
  expect(readFileSync(join(to, deep), "utf8")).toBe("print(1)");
  expect(readFileSync(join(to, "empty"), "utf8")).toBe("");
});

it("refuses what is no archive, one that breaks off, and one that leads out of its folder", async () => {
  const whole = readFileSync(packed("model.tar"));
  const given = (bytes: Buffer | string) => {
    writeFileSync(join(folder, "odd.tar"), bytes);
    return unpackTar(join(folder, "odd.tar"), join(folder, "to"));
  };
  await expect(given("x".repeat(1024))).rejects.toThrow("it is no tar archive");
  await expect(given(whole.subarray(0, 5_000))).rejects.toThrow("the archive breaks off");
  execFileSync("tar", ["-P", "-cf", join(folder, "out.tar"), "-C", join(folder, "source"), "--transform=s,^,../,", "model.joblib"]);
  await expect(unpackTar(join(folder, "out.tar"), join(folder, "to"))).rejects.toThrow("leads out of the destination");
});
