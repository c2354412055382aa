import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { Problem } from "../../domain/errors.ts";

/** The largest specification anybody has is a few KB; an item of the record holds 400 KB. */
const largestBody = 256 * 1024;

/** The JSON of a request's body, undefined when there is none. Refuses what is too large, not JSON, or said to be something else. */
export function readBody(event: Pick<APIGatewayProxyEventV2, "body" | "isBase64Encoded">, contentType: string | undefined): unknown {
  if (event.body === undefined || event.body === "") return undefined;
  const bytes = Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > largestBody) {
    throw new Problem("too-large", `a body may have ${largestBody} bytes; this one has ${bytes.length}. Give large things by reference`);
  }
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
