import type { IncomingMessage, ServerResponse } from "node:http";
import { BadRequest } from "./bad-request.ts";

const json = "application/json";
const maximumBody = 64 * 1024 * 1024;

/** Longer than gateways keep a connection that nothing is sent on (Envoy an hour): who closes it first loses no request. */
export const keepAliveTimeout = 3_660_000;

/** `text`: Prometheus' format in place of JSON. */
export type Answer = { status: number } & ({ body: unknown } | { text: string });

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

/** `/v2/models/{name}[/versions/{version}][/ready|/infer]` */
export function modelPath(path: string[]): { name: string; version: string | null; verb: "ready" | "infer" | null } | null {
  const [protocol, models, name, ...rest] = path;
  if (protocol !== "v2" || models !== "models" || !name) return null;
  const version = rest[0] === "versions" ? (rest[1] ?? "") : null;
  const [verb = null, ...more] = version === null ? rest : rest.slice(2);
  if (more.length > 0 || (verb !== null && verb !== "ready" && verb !== "infer")) return null;
  return { name, version, verb };
}

export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBody) throw new BadRequest(`the body is larger than ${maximumBody} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw new BadRequest(`the body is no JSON: ${(error as Error).message}`);
  }
}

/** The parts of the path, decoded. */
export function decodePath(url: string): string[] {
  try {
    return new URL(url, "http://server").pathname.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    throw new BadRequest(`the path cannot be read: ${url}`);
  }
}

export function send(response: ServerResponse, answer: Answer): void {
  const [type, text] = "text" in answer ? ["text/plain; version=0.0.4; charset=utf-8", answer.text] : [json, JSON.stringify(answer.body)];
  response.writeHead(answer.status, { "content-type": type, "content-length": Buffer.byteLength(text) });
  response.end(response.req.method === "HEAD" ? undefined : text);
}
