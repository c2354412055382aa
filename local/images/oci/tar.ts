/** One entry of an archive; a folder has no content. */
export interface Entry {
  /** Path in the archive, without a leading slash; at most 100 bytes. */
  path: string;
  mode: number;
  content?: Uint8Array;
  /** Target of a symbolic link. */
  link?: string;
}

const block = 512;

/** A tar archive (ustar) of entries owned by root and dated 1970: the same entries give the same bytes. */
export function tar(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap((entry) => [header(entry), entry.content ?? Buffer.alloc(0), padding(entry.content?.length ?? 0)]);
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header({ path, mode, content, link }: Entry): Buffer {
  const type = link !== undefined ? "2" : content ? "0" : "5";
  const name = type === "5" ? `${path}/` : path;
  if (Buffer.byteLength(name) > 100) throw new RangeError(`${name} is longer than the 100 bytes that this archive has room for`);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, "0")}\0`;
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0);
  bytes.write(octal(mode, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  bytes.write(octal(content?.length ?? 0, 12), 124);
  bytes.write(octal(0, 12), 136);
  bytes.write(" ".repeat(8), 148);
  bytes.write(type, 156);
  bytes.write(link ?? "", 157);
  bytes.write("ustar\0", 257);
  bytes.write("00", 263);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}

function padding(length: number): Buffer {
  return Buffer.alloc((block - (length % block)) % block);
}
