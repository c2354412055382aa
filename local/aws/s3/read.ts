import { AwsError } from "../error.ts";
import type { AwsAnswer, AwsCall } from "../service.ts";
import { checksumType } from "./checksums.ts";
import { isUnchanged } from "./conditions.ts";
import { refuseVersion } from "./operation.ts";
import type { StoredObject } from "./store.ts";

/** From `start` to before `end`. */
export interface Range {
  start: number;
  end: number;
}

/** GetObject and HeadObject. */
export function readObject(object: StoredObject, { headers: asked, query }: Pick<AwsCall, "headers" | "query">): AwsAnswer {
  refuseVersion(query.get("versionId"));
  const shown = {
    ...{ etag: `"${object.etag}"`, "last-modified": new Date(object.modified_at).toUTCString(), "accept-ranges": "bytes" },
    ...overridden(object.headers, query),
  };
  if (isUnchanged(object, asked)) return { status: 304, headers: shown };
  const number = query.get("partNumber");
  const range = number === null ? rangeOf(asked.range, object.body.length) : partOf(object, number, asked.range);
  const counted = number !== null && object.parts !== null && { "x-amz-mp-parts-count": String(object.parts.length) };
  if (range === undefined) {
    const checksums = asked["x-amz-checksum-mode"] === "ENABLED" ? checksumHeaders(object) : {};
    return { status: 200, headers: { ...shown, ...checksums, ...lengthOf(object.body) }, body: Buffer.from(object.body) };
  }
  const part = Buffer.from(object.body.subarray(range.start, range.end));
  const contentRange = part.length > 0 && { "content-range": `bytes ${range.start}-${range.end - 1}/${object.body.length}` };
  // A checksum is of the whole object: a client would hold the part against it.
  return { status: 206, headers: { ...shown, ...contentRange, ...counted, ...lengthOf(part) }, body: part };
}

/** Told in an answer to HEAD, too, which has no body. */
const lengthOf = (body: Uint8Array): Record<string, string> => ({ "content-length": String(body.length) });

/** undefined when all is asked for, or in a way that S3 takes no notice of. Errors: InvalidRange. */
export function rangeOf(header: string | undefined, size: number): Range | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(Number(last) + 1, size);
  if (start >= size) throw new AwsError("InvalidRange", `The requested range is not satisfiable: ${header} of ${size}`, 416);
  return { start, end };
}

/** A part as it was uploaded; an object that came in one piece is its own first part. */
function partOf({ body, parts }: StoredObject, number: string, range: string | undefined): Range {
  if (range !== undefined) throw new AwsError("InvalidRequest", "Cannot specify both Range header and partNumber query parameter");
  if (!/^\d+$/.test(number) || Number(number) < 1 || Number(number) > 10_000)
    throw new AwsError("InvalidArgument", `Part number must be an integer between 1 and 10000, inclusive, given ${number}`);
  const sizes = parts ?? [body.length];
  const size = sizes[Number(number) - 1];
  if (size === undefined) throw new AwsError("InvalidPartNumber", `The requested partnumber is not satisfiable: ${number}`, 416);
  const start = sizes.slice(0, Number(number) - 1).reduce((sum, each) => sum + each, 0);
  return { start, end: start + size };
}

const isChecksum = (name: string): boolean => name.startsWith("x-amz-checksum-");

/** With what the caller wants them to be told as: a link by which a file is loaded down names it. */
function overridden(headers: Record<string, string>, query: URLSearchParams): Record<string, string> {
  const asked = [...query].filter(([name]) => name.startsWith("response-")).map(([name, value]) => [name.slice("response-".length), value]);
  const kept = Object.entries(headers).filter(([name]) => !isChecksum(name));
  return { "content-type": "binary/octet-stream", ...Object.fromEntries(kept), ...Object.fromEntries(asked) };
}

/** Of the object's kept headers, with what S3 tells beside them. */
export function checksumHeaders({ headers }: Pick<StoredObject, "headers">): Record<string, string> {
  const [found] = Object.entries(headers).filter(([name]) => isChecksum(name));
  return found === undefined ? {} : { [found[0]]: found[1], "x-amz-checksum-type": checksumType(found[1]) };
}
