import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Entry, tar } from "./tar.ts";

/** Path in the image → content, or the file of this machine that it is a copy of. */
export type Files = Readonly<Record<string, Buffer | { copyOf: string }>>;

/** A layer of these files and of the folders that they lie in. Of what is copied, only the content and whether it can be run are kept. */
export function layerOf(files: Files): Buffer {
  const paths = Object.keys(files).sort();
  const folders = [...new Set(paths.flatMap(foldersAbove))].sort();
  return tar([
    ...folders.map((path): Entry => ({ path: path.slice(1), mode: path === "/tmp" ? 0o1777 : 0o755 })),
    ...paths.map((path) => entryOf(path, files[path] as Buffer | { copyOf: string })),
  ]);
}

function entryOf(path: string, file: Buffer | { copyOf: string }): Entry {
  if (Buffer.isBuffer(file)) return { path: path.slice(1), mode: 0o644, content: file };
  const source = realpathSync(file.copyOf);
  return { path: path.slice(1), mode: statSync(source).mode & 0o111 ? 0o755 : 0o644, content: readFileSync(source) };
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === "/" ? [] : [...foldersAbove(folder), folder];
}
