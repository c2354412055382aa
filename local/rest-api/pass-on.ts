import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
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

const timedOut: Refusal = { type: "INTEGRATION_TIMEOUT", message: "Endpoint request timed out" };
const failed: Refusal = { type: "INTEGRATION_FAILURE", message: "Network error communicating with endpoint" };

/** Passes a request on to the gateway, both bodies streamed and neither kept. */
export function passOn(exchange: Exchange, method: PassingMethod, agent: Agent, refuse: (refusal: Refusal) => void): void {
  const { request, response } = exchange;
  const call: IntegrationCall = {
    began: Date.now(),
    status: null,
    headers_after_ms: null,
    content_after_ms: null,
    milliseconds: null,
  };
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
  upstream.on("response", (answer) => {
    call.headers_after_ms = Date.now() - call.began;
    call.status = answer.statusCode ?? null;
    together(response.socket);
    response.writeHead(answer.statusCode ?? 502, answerHeaders(exchange, answer));
    response.flushHeaders();
    answer.on("data", (chunk: Buffer) => {
      call.content_after_ms ??= Date.now() - call.began;
      exchange.body_bytes += chunk.length;
    });
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  upstream.on("timeout", () => upstream.destroy(new Error("timeout")));
  upstream.on("error", (error) => {
    if (response.headersSent) response.destroy();
    else refuse(error.message === "timeout" ? timedOut : failed);
  });
  response.on("close", () => upstream.destroy());
  request.pipe(upstream);
}

/** As it was sent, byte by byte: what a path means is the gateway's to say. */
function targetPath(exchange: Exchange, { path }: PassingMethod): string {
  let filled = "";
  for (const part of path) filled += typeof part === "string" ? part : (part(exchange) ?? "");
  return exchange.query === undefined ? filled : `${filled}?${exchange.query}`;
}

/** What the mapping sets replaces what the caller sent: that is what makes it a statement of the front. */
function forwardedHeaders(exchange: Exchange, method: PassingMethod): Record<string, string | string[]> {
  const { request, source_ip } = exchange;
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined && !hopByHop.has(name)) headers[name] = value;
  const chunked = request.headers["transfer-encoding"];
  if (chunked !== undefined) headers["transfer-encoding"] = chunked;
  headers.host = method.target.name;
  headers["x-forwarded-for"] = forwardedFor(request.headers["x-forwarded-for"], source_ip);
  headers["x-forwarded-proto"] = "http";
  for (const { name, source } of method.headers) {
    const given = source(exchange);
    if (given !== undefined) headers[name] = given;
  }
  return headers;
}

function answerHeaders(exchange: Exchange, answer: IncomingMessage): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined && !hopByHop.has(name)) headers[name] = value;
  headers["x-amzn-requestid"] = exchange.request_id;
  headers["x-amz-apigw-id"] = extendedRequestId(exchange);
  return headers;
}
