import { execFileSync } from "node:child_process";
import { layerOf } from "./layer.ts";

/** The uid that the product's manifests run their containers as, so that it has a name and a home. */
export const user = { uid: 1000, name: "slipway" } as const;
export const nodePath = "/usr/local/bin/node";

/** The lowest layer of what runs on Node: this process's own Node, the shared libraries that it asks for, and accounts. */
export function nodeLayer(): Buffer {
  const libraries = sharedLibraries(process.execPath);
  return layerOf({
    "/etc/passwd": Buffer.from(`root:x:0:0:root:/root:/bin/false\n${user.name}:x:${user.uid}:${user.uid}::/tmp:/bin/false\n`),
    "/etc/group": Buffer.from(`root:x:0:\n${user.name}:x:${user.uid}:\n`),
    "/etc/nsswitch.conf": Buffer.from("hosts: files dns\n"),
    "/tmp/.keep": Buffer.alloc(0),
    [nodePath]: { copyOf: process.execPath },
    ...Object.fromEntries(libraries.map((path) => [path, { copyOf: path }])),
  });
}

/** Paths as the program's loader looks them up; the kernel's own page among them is no file. */
function sharedLibraries(program: string): string[] {
  const told = execFileSync("ldd", [program], { encoding: "utf8" });
  const missing = told.match(/^\s*(\S+) => not found$/m)?.[1];
  if (missing) throw new Error(`${program} needs ${missing}, which this machine does not have: install it and run this again`);
  return told.split("\n").flatMap((line) => /(?:^|\s)(\/\S+) \(0x[0-9a-f]+\)$/.exec(line)?.[1] ?? []);
}
