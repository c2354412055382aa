import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { archiveOf } from "../../../local/images/oci/archive.ts";
import { layerOf } from "../../../local/images/oci/layer.ts";
import { tar } from "../../../local/images/oci/tar.ts";

// cspell:ignore drwxr drwxrwxrwt rwxr
const folder = mkdtempSync(join(tmpdir(), "slipway-archive-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the machine's own tar reads from an archive. */
function unpacked(archive: Buffer, name: string) {
  const file = join(folder, `${name}.tar`);
  writeFileSync(file, archive);
  return {
    list: () => execFileSync("tar", ["-tvf", file], { encoding: "utf8" }).trimEnd().split("\n"),
    read: (path: string) => execFileSync("tar", ["-xOf", file, path], { maxBuffer: 2 ** 26 }),
    json: (path: string) => JSON.parse(execFileSync("tar", ["-xOf", file, path], { encoding: "utf8" })),
  };
}

describe("a layer", () => {
  const program = join(folder, "program");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
  const files = { "/app/deep/text": Buffer.from("é".repeat(700)), "/app/program": { copyOf: program }, "/tmp/.keep": Buffer.alloc(0) };
  const layer = unpacked(layerOf(files), "layer");

  it("has the files with the folders above them, owned by root; everybody may write in /tmp", () => {
    const modes = layer.list().map((line) => [line.split(/\s+/)[0], line.split(/\s+/)[1], line.split(" ").at(-1)]);
    expect(modes).toEqual([
      ["drwxr-xr-x", "0/0", "app/"],
      ["drwxr-xr-x", "0/0", "app/deep/"],
      ["drwxrwxrwt", "0/0", "tmp/"],
      ["-rw-r--r--", "0/0", "app/deep/text"],
      ["-rwxr-xr-x", "0/0", "app/program"],
      ["-rw-r--r--", "0/0", "tmp/.keep"],
    ]);
    expect(layer.read("app/deep/text").toString()).toBe("é".repeat(700));
    expect(layer.read("app/program").toString()).toBe("#!/bin/sh\n");
  });

  it("is the same bytes for the same files", () => {
    expect(layerOf(files)).toEqual(layerOf({ ...files }));
  });

  it("refuses a path that has no room, by name", () => {
    const path = `a/${"b".repeat(99)}`;
    expect(() => tar([{ path, mode: 0o644, content: Buffer.alloc(0) }])).toThrow(path);
  });
});

describe("an archive of images", () => {
  const base = layerOf({ "/etc/passwd": Buffer.from("root:x:0:0::/:\n") });
  const image = (name: string) => ({ name, layers: [base, layerOf({ "/app/name": Buffer.from(name) })], entrypoint: ["/app/name"] });
  const bytes = archiveOf([{ ...image("localhost/a:1"), user: "1000:1000", env: { HOME: "/tmp" } }, image("localhost/b:2")]);
  const archive = unpacked(bytes, "images");
  const blob = (digest: string) => `blobs/${digest.replace(":", "/")}`;

  it("names every image, and holds what it refers to under its digest, a shared layer once", () => {
    const { manifests } = archive.json("index.json");
    expect(manifests.map((each: { annotations: object }) => each.annotations)).toEqual([
      { "io.containerd.image.name": "localhost/a:1", "org.opencontainers.image.ref.name": "1" },
      { "io.containerd.image.name": "localhost/b:2", "org.opencontainers.image.ref.name": "2" },
    ]);
    const blobs = archive.list().flatMap((line) => /blobs\/sha256\/(\w{64})$/.exec(line)?.[1] ?? []);
    // Two manifests, two configurations, two layers of their own and the base.
    expect(blobs).toHaveLength(7);
    for (const digest of blobs) {
      expect(
        createHash("sha256")
          .update(archive.read(`blobs/sha256/${digest}`))
          .digest("hex"),
      ).toBe(digest);
    }
    for (const { digest } of manifests) {
      const { config, layers } = archive.json(blob(digest));
      expect(layers[0].digest).toBe(`sha256:${createHash("sha256").update(base).digest("hex")}`);
      expect(archive.json(blob(config.digest)).rootfs.diff_ids).toEqual(layers.map((layer: { digest: string }) => layer.digest));
    }
  });

  it("says how an image is run, and as whom", () => {
    const [first] = archive.json("index.json").manifests;
    const { config } = archive.json(blob(archive.json(blob(first.digest)).config.digest));
    expect(config).toEqual({ Entrypoint: ["/app/name"], Env: ["HOME=/tmp"], WorkingDir: "/", User: "1000:1000" });
  });
});
