import type { IncomingMessage } from "node:http";
import { isObject } from "./merge-patch.ts";
import { badRequest, StatusError } from "./status-error.ts";

const largestBody = 3 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new StatusError(413, "RequestEntityTooLarge", `Request entity too large: limit is ${largestBody}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A JSON object; undefined when there is no body. */
export async function readJson(request: IncomingMessage, accepted = ["application/json"]): Promise<Record<string, unknown> | undefined> {
  const body = await readBody(request);
  if (body.length === 0) return undefined;
  const type = (request.headers["content-type"] ?? "application/json").split(";")[0]?.trim() ?? "";
  if (!accepted.includes(type)) {
    throw unsupportedMedia(accepted);
  }
  try {
    const value: unknown = JSON.parse(body.toString());
    if (isObject(value)) return value;
  } catch (error) {
    throw badRequest(`the object provided is unrecognized (must be of type JSON): ${(error as Error).message}`);
  }
  throw badRequest("the object provided is unrecognized (must be of type JSON): it is no object");
}

export function unsupportedMedia(accepted: string[], why = ""): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
  return new StatusError(415, "UnsupportedMediaType", why ? `${message} (${why})` : message);
}
