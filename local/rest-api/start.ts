import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { matchPath } from "../http-api/routes.ts";
import { together } from "../http-message.ts";
import type { Application } from "../template/application.ts";
import { type PassingMethod, readMethods } from "./methods.ts";

export interface RestApiOptions {
  application: Application;
  /** Address that stands in the template for the cluster's gateway, and where that gateway is here. */
  gateway: { placeholder: string; url: string };
}

/** Headers that concern one connection and not the message (RFC 9110 7.6.1). */
const hopByHop = ["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"];

/** Serves the REST API of the template: passes requests on to the gateway, both bodies streamed and neither kept. */
export function startRestApi({ application, gateway }: RestApiOptions) {
  const methods = readMethods(application);
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  return {
    /** First path segments that belong to this API. */
    prefixes: [...new Set(methods.map(({ segments }) => segments[0] ?? ""))],
    handle: async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const [path = "/", query] = (request.url ?? "/").split("?", 2);
      const found = match(methods, request.method ?? "GET", path);
      // API Gateway answers so for a path that no resource has.
      if (found === undefined) return refuse(response, 403, "MissingAuthenticationTokenException", "Missing Authentication Token");
      const uri = fillUri(found.method, found.parameters).replace(gateway.placeholder, gateway.url);
      passOn(request, response, query === undefined ? uri : `${uri}?${query}`, found.method, agent);
    },
    stop: () => agent.destroy(),
  };
}

function match(
  methods: PassingMethod[],
  method: string,
  path: string,
): { method: PassingMethod; parameters: Record<string, string> } | undefined {
  const words = path.replace(/\/$/, "").split("/").slice(1);
  for (const candidate of methods) {
    if (candidate.method !== "ANY" && candidate.method !== method) continue;
    const parameters = matchPath(candidate.segments, words, false);
    if (parameters !== undefined) return { method: candidate, parameters };
  }
  return undefined;
}

function fillUri({ uri, path }: PassingMethod, parameters: Record<string, string>): string {
  return uri.replaceAll(/\{([^}]+)\}/g, (whole, name: string) => parameters[path[name] ?? ""] ?? whole);
}

function passOn(request: IncomingMessage, response: ServerResponse, target: string, method: PassingMethod, agent: Agent): void {
  const url = new URL(target);
  const upstream = httpRequest({
    host: url.hostname,
    port: url.port,
    path: `${url.pathname}${url.search}`,
    method: request.method,
    headers: forwardedHeaders(request, method, url.host),
    agent,
    timeout: method.timeout_ms,
  });
  upstream.on("response", (answer) => {
    const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !hopByHop.includes(name)));
    together(response.socket);
    response.writeHead(answer.statusCode ?? 502, headers);
    response.flushHeaders();
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  upstream.on("timeout", () => upstream.destroy(new Error("timeout")));
  upstream.on("error", (error) => {
    if (response.headersSent) response.destroy();
    else if (error.message === "timeout") refuse(response, 504, "IntegrationTimeoutException", "Endpoint request timed out");
    else refuse(response, 502, "BadGatewayException", "Internal server error");
  });
  response.on("close", () => upstream.destroy());
  request.pipe(upstream);
}

/** What the mapping sets replaces what the caller sent: that is what makes it a statement of the front. */
function forwardedHeaders(request: IncomingMessage, method: PassingMethod, host: string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined && !hopByHop.includes(name)) headers[name] = value;
  const chunked = request.headers["transfer-encoding"];
  if (chunked !== undefined) headers["transfer-encoding"] = chunked;
  headers.host = host;
  headers["x-forwarded-for"] = [request.headers["x-forwarded-for"], request.socket.remoteAddress].filter(Boolean).join(", ");
  headers["x-forwarded-proto"] = "http";
  for (const { name, value, from } of method.headers) {
    const given = value ?? (from === null ? undefined : request.headers[from]);
    if (given !== undefined) headers[name] = given;
  }
  return headers;
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type });
  response.end(JSON.stringify({ message }));
}
