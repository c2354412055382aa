import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

const block = 512;

/**
 * Unpacks an archive as `tar` writes it (ustar, GNU's and pax's long names), by gzip or not. Gives how many files there were; links and
 * devices are left out. Errors: no archive, one that breaks off, one with a path that leads out of the folder.
 */
export async function unpackTar(file: string, folder: string): Promise<number> {
  const bytes = new Bytes(/gz$/.test(file) ? createReadStream(file).pipe(createGunzip()) : createReadStream(file));
  let files = 0;
  let longName: string | undefined;
  for (;;) {
    const header = await bytes.take(block);
    if (header.every((byte) => byte === 0)) return files;
    const { name, type, size } = entryOf(header);
    if (type === "L" || type === "x") {
      const text = (await bytes.take(padded(size))).subarray(0, size).toString();
      longName = (type === "L" ? text.replace(/\0.*$/s, "") : /(?:^|\n)\d+ path=(.*)\n/.exec(text)?.[1]) ?? longName;
      continue;
    }
    const target = placeOf(longName ?? name, folder);
    longName = undefined;
    if (type === "5") await mkdir(target, { recursive: true });
    if (type !== "0") {
      await bytes.take(padded(size));
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await pipeline(Readable.from(bytes.pieces(size)), createWriteStream(target));
    await bytes.take(padded(size) - size);
    files += 1;
  }
}

const padded = (size: number): number => Math.ceil(size / block) * block;

function entryOf(header: Buffer): { name: string; type: string; size: number } {
  const text = (from: number, length: number) => header.toString("utf8", from, from + length).replace(/\0.*$/s, "");
  // The sum over the header, in which its own eight bytes count as blanks.
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  const size = Number.parseInt(text(124, 12), 8);
  if (Number.parseInt(text(148, 8), 8) !== sum || !Number.isInteger(size)) throw new Error("it is no tar archive");
  const prefix = text(257, 5) === "ustar" ? text(345, 155) : "";
  return { name: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100), type: text(156, 1) || "0", size };
}

function placeOf(name: string, folder: string): string {
  const below = normalize(name);
  if (below.startsWith("..") || below.startsWith("/")) throw new Error(`${name} in the archive leads out of the destination`);
  return join(folder, below);
}

/** What a stream gives, in pieces of the sizes that are asked for. */
class Bytes {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const pieces = [];
    for await (const piece of this.pieces(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async *pieces(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done) throw new Error("the archive breaks off");
        this.#rest = value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}
