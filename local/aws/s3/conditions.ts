import type { IncomingHttpHeaders } from "node:http";
import { AwsError } from "../error.ts";
import { notBuilt } from "./operation.ts";
import type { StoredObject } from "./store.ts";

type Known = Pick<StoredObject, "etag" | "modified_at">;

const failed = (condition: string): AwsError =>
  new AwsError("PreconditionFailed", `At least one of the pre-conditions you specified did not hold: ${condition}`, 412);

/**
 * Whether the reader has what is there already. As RFC 9110 has it, an ETag says more than a time. Errors: PreconditionFailed.
 * `prefix`: of the headers, for the source of a copy.
 */
export function isUnchanged(object: Known, headers: IncomingHttpHeaders, prefix = ""): boolean {
  const asked = (name: string) => headers[prefix + name] as string | undefined;
  const [match, noneMatch] = [asked("if-match"), asked("if-none-match")];
  if (match !== undefined ? !names(match, object) : isAfter(object, asked("if-unmodified-since")))
    throw failed(match === undefined ? "If-Unmodified-Since" : "If-Match");
  if (noneMatch !== undefined) return names(noneMatch, object);
  const since = Date.parse(asked("if-modified-since") ?? "");
  return !Number.isNaN(since) && seconds(object.modified_at) <= seconds(since);
}

/** Conditional writes: only when nothing is there, or only over what the caller has read. */
export function requireWritable(current: Known | undefined, headers: IncomingHttpHeaders): void {
  const noneMatch = headers["if-none-match"];
  if (noneMatch !== undefined && noneMatch !== "*") throw notBuilt(`a write with If-None-Match: ${noneMatch}; it takes * only`);
  if (noneMatch === "*" && current !== undefined) throw failed("If-None-Match");
  const match = headers["if-match"];
  if (match === undefined) return;
  if (current === undefined) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
  if (!names(match, current)) throw failed("If-Match");
}

/** Clients may leave the quotation marks out. */
const names = (tags: string, { etag }: Known): boolean =>
  tags.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "").replaceAll('"', "") === etag);

const isAfter = ({ modified_at }: Known, time: string | undefined): boolean => seconds(modified_at) > seconds(Date.parse(time ?? ""));

/** HTTP's times know no parts of a second. */
const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
