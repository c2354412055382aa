import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { Problem } from "../../domain/errors.ts";

/** The largest specification anybody has is a few KB; an item of the record holds 400 KB. */
const largestBody = 256 * 1024;

/** A request's body byte for byte, as it was sent; empty when there was none. Refuses what is too large. */
export function readBytes({ body = "", isBase64Encoded }: Pick<APIGatewayProxyEventV2, "body" | "isBase64Encoded">): Buffer {
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length <= largestBody) return bytes;
  throw new Problem("too-large", `a body may have ${largestBody} bytes; this one has ${bytes.length}. Give large things by reference`);
}

/** The JSON of a body, undefined when there is none. Refuses what is not JSON, or said to be something else. */
export function readJson(bytes: Buffer, contentType: string | undefined): unknown {
  if (bytes.length === 0) return undefined;
  const mediaType = contentType?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json" && mediaType !== "application/merge-patch+json") {
    throw invalid(`a body must be application/json; the content-type given was ${contentType ?? "none"}`, "content-type");
  }
  return parseJson(bytes);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw invalid(`the body is not JSON: ${reason(error)}. Send one JSON object, encoded as UTF-8`, "body");
  }
}

/** The parser's own words quote the body, which may hold a secret: only the place is repeated. */
function reason(error: unknown): string {
  if (!(error instanceof SyntaxError)) return "it is not UTF-8";
  return error.message.match(/at position \d+(?: \(line \d+ column \d+\))?/)?.[0] ?? "it ends too early or is malformed";
}

const invalid = (detail: string, path: string) => new Problem("invalid-input", detail, { errors: [{ path, message: detail }] });
