import { AwsError } from "../error.ts";

export interface DecodedBody {
  body: Buffer;
  /** Checksums that came after the last chunk. */
  trailers: Record<string, string>;
}

/** Takes the `aws-chunked` encoding off a body, in which SDKs send streams and checksums that they know only at the end. */
export function decodeChunks(encoded: Buffer): DecodedBody {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = encoded.indexOf("\r\n", at);
    const size = Number.parseInt(encoded.subarray(at, Math.max(lineEnd, at)).toString("latin1"), 16);
    if (lineEnd < 0 || Number.isNaN(size)) throw new AwsError("IncompleteBody", "The aws-chunked body is malformed");
    at = lineEnd + 2;
    if (size === 0) return { body: Buffer.concat(chunks), trailers: readTrailers(encoded.subarray(at).toString("latin1")) };
    chunks.push(encoded.subarray(at, at + size));
    at += size + 2;
  }
}

function readTrailers(text: string): Record<string, string> {
  const lines = text.split("\r\n").filter((line) => line.startsWith("x-amz-checksum-"));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
}
