import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import { together } from "../http-message.ts";
import { forwardedFor } from "./authorizer-event.ts";
import { extendedRequestId } from "./context.ts";
import type { Exchange, IntegrationCall } from "./exchange.ts";
import type { Refusal } from "./gateway-responses.ts";
import type { PassingMethod } from "./methods.ts";

/** Headers that concern one connection and not the message (RFC 9110 7.6.1). */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** Requests that Node sends nothing after unless it is told to. */
const bodiless = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

const timedOut: Refusal = { type: "INTEGRATION_TIMEOUT", message: "Endpoint request timed out" };
const failed: Refusal = { type: "INTEGRATION_FAILURE", message: "Network error communicating with endpoint" };

/** Passes a request on to the gateway, both bodies streamed and neither kept. */
export function passOn(exchange: Exchange, method: PassingMethod, agent: Agent, refuse: (refusal: Refusal) => void): void {
  const { request, response } = exchange;
  const call: IntegrationCall = { began: Date.now(), status: null, headers_after_ms: null, content_after_ms: null, milliseconds: null };
  exchange.integration = call;
  const upstream = httpRequest({
    host: method.target.host,
    port: method.target.port,
    path: targetPath(exchange, method),
    method: request.method,
    headers: forwardedHeaders(exchange, method),
    agent,
    timeout: method.timeout_ms,
  });
  upstream.on("response", (answer) => passBack(exchange, call, answer));
  upstream.on("timeout", () => upstream.destroy(new Error("timeout")));
  upstream.on("error", (error) => {
    // What is still to come is read, so that the caller's connection can carry its next request.
    request.resume();
    if (response.headersSent) response.destroy();
    else refuse(error.message === "timeout" ? timedOut : failed);
  });
  response.on("close", () => {
    if (!response.writableFinished || !upstream.writableEnded) upstream.destroy();
  });
  send(request, upstream);
}

function passBack(exchange: Exchange, call: IntegrationCall, answer: IncomingMessage): void {
  const { response } = exchange;
  call.headers_after_ms = Date.now() - call.began;
  call.status = answer.statusCode ?? null;
  together(response.socket);
  response.writeHead(answer.statusCode ?? 502, answerHeaders(exchange, answer));
  response.flushHeaders();
  flow(answer, response, (size) => {
    call.content_after_ms ??= Date.now() - call.began;
    exchange.body_bytes += size;
  });
  answer.on("error", () => response.destroy());
}

/** A request without a body is whole at once. */
function send(request: IncomingMessage, upstream: ClientRequest): void {
  if (hasBody(request)) flow(request, upstream);
  else upstream.end();
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";

/** As `pipe` does, at half its cost, which with small bodies is a good part of all: from one message into one other, once. */
function flow(from: IncomingMessage, to: Writable, seen?: (size: number) => void): void {
  from.on("data", (chunk: Buffer) => {
    seen?.(chunk.length);
    if (to.write(chunk) || to.destroyed) return;
    from.pause();
    to.once("drain", () => from.resume());
  });
  from.on("end", () => to.end());
}

/** As it was sent, byte by byte: what a path means is the gateway's to say. */
function targetPath(exchange: Exchange, { path }: PassingMethod): string {
  let filled = "";
  for (const part of path) filled += typeof part === "string" ? part : (part(exchange) ?? "");
  return exchange.query === undefined ? filled : `${filled}?${exchange.query}`;
}

/** What the mapping sets replaces what the caller sent: that is what makes it a statement of the front. */
function forwardedHeaders(exchange: Exchange, method: PassingMethod): string[] {
  const { request, source_ip } = exchange;
  const own: Record<string, string> = {
    host: method.target.name,
    "x-forwarded-for": forwardedFor(request.headers["x-forwarded-for"], source_ip),
    "x-forwarded-proto": "http",
  };
  const chunked = request.headers["transfer-encoding"];
  if (chunked !== undefined) own["transfer-encoding"] = chunked;
  // Else Node would announce a body in chunks.
  else if (!hasBody(request) && !bodiless.has(request.method ?? "")) own["content-length"] = "0";
  for (const { name, source } of method.headers) {
    const given = source(exchange);
    if (given !== undefined) own[name] = given;
  }
  return withOwn(request.rawHeaders, own);
}

function answerHeaders(exchange: Exchange, answer: IncomingMessage): string[] {
  const own = { "x-amzn-requestid": exchange.request_id, "x-amz-apigw-id": extendedRequestId(exchange) };
  return withOwn(answer.rawHeaders, own);
}

/** Names and values in turn, as they came; without those of the connection, and our own in place of theirs. */
function withOwn(raw: string[], own: Record<string, string>): string[] {
  const headers: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const [name = "", value = ""] = [raw[index], raw[index + 1]];
    const known = name.toLowerCase();
    if (!hopByHop.has(known) && !Object.hasOwn(own, known)) headers.push(name, value);
  }
  for (const name in own) headers.push(name, own[name] ?? "");
  return headers;
}
