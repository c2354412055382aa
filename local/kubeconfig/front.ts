import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream";
import type { Authenticate } from "../cluster/api/authentication.ts";
import type { Identity } from "../cluster/api/certificate.ts";
import { type LoopbackServer, startLoopbackServer } from "../cluster/api/loopback-server.ts";
import { readRequestInfo } from "../cluster/api/request-info.ts";
import type { RequestRecord } from "../cluster/api/server.ts";
import { pathOn } from "./api.ts";
import type { ClusterConnection } from "./connection.ts";

export interface FrontParts {
  connection: ClusterConnection;
  /** What the front shows of itself. */
  identity: Pick<Identity, "key" | "certificate">;
  /** Whom a token belongs to, or why it is refused. */
  authenticate: Authenticate;
  /** Told of each request that has been answered; of a watch, when it is over. */
  onRequest?: ((request: RequestRecord) => void) | undefined;
}

/** Of one connection (RFC 9110 7.6.1); an upgrade's own are put back where it is one. */
const hopByHop = ["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade"];

/**
 * The EKS endpoint that functions see: knows a caller by the token, as EKS does, and makes the request to the cluster as
 * that identity (impersonation). Bodies are passed on as they come, so that watches, logs and upgraded connections stream.
 */
export async function startFront(given: FrontParts): Promise<LoopbackServer> {
  const parts = { ...given, authenticate: remembering(given.authenticate) };
  return startLoopbackServer({
    ...{ identity: parts.identity, port: 0, keepAliveTimeout: 120_000 },
    onRequest: (request, response) =>
      void passOn(parts, request, response).catch((error: Error) => refuse(response, 502, "BadGateway", error.message)),
    onUpgrade: (request, socket, head) => void upgrade(parts, request, socket, head).catch(() => socket.destroy()),
  });
}

async function passOn(parts: FrontParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const began = performance.now();
  const caller = await callerOf(parts.authenticate, request);
  if ("error" in caller) return refuse(response, 401, "Unauthorized", "Unauthorized");
  if (parts.onRequest) response.once("close", () => parts.onRequest?.(record(caller.username, request, response.statusCode, began)));
  const outgoing = send(parts.connection, await optionsFor(parts.connection, request, caller));
  outgoing.on("response", (answer) => {
    if (answer.statusCode === 401) parts.connection.forget();
    response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
    // A watch that has nothing to tell yet has begun all the same; what is whole goes out in one piece.
    if (answer.headers["content-length"] === undefined) response.flushHeaders();
    pipeline(answer, response, () => {});
  });
  outgoing.on("error", (error) => {
    if (response.headersSent) response.destroy();
    else refuse(response, 503, "ServiceUnavailable", `the cluster cannot be reached: ${error.message}`);
  });
  response.on("close", () => outgoing.destroy());
  pipeline(request, outgoing, () => {});
}

async function upgrade(parts: FrontParts, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const caller = await callerOf(parts.authenticate, request);
  if ("error" in caller) return void socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  const options = await optionsFor(parts.connection, request, caller);
  const headers = { ...options.headers, connection: "Upgrade", upgrade: request.headers.upgrade };
  const outgoing = send(parts.connection, { ...options, headers });
  socket.on("error", () => outgoing.destroy());
  outgoing.on("error", () => socket.destroy());
  outgoing.on("upgrade", (answer, upstream, first) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headerLines(answer)}\r\n`);
    if (first.length > 0) socket.write(first);
    if (head.length > 0) upstream.write(head);
    join(socket, upstream);
    join(upstream, socket);
  });
  // The cluster did not want to: its answer is passed on as it is.
  outgoing.on("response", (answer) => {
    const rest = headerLines(answer, ["transfer-encoding", "connection"]);
    socket.write(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${rest}Connection: close\r\n\r\n`);
    pipeline(answer, socket, () => {});
  });
  outgoing.end();
}

function join(from: Duplex, to: Duplex): void {
  from.pipe(to);
  from.on("error", () => to.destroy());
  from.on("close", () => to.destroy());
}

function headerLines({ rawHeaders }: IncomingMessage, without: string[] = []): string {
  const lines: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!without.includes((rawHeaders[at] as string).toLowerCase())) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`);
  }
  return lines.join("");
}

const rememberedMilliseconds = 60_000;
const mostRemembered = 1_000;

/** As an API server does, it asks about a token once a minute: a refusal is asked for anew each time. */
function remembering(authenticate: Authenticate): Authenticate {
  const known = new Map<string, { caller: Awaited<ReturnType<Authenticate>>; until: number }>();
  return async (token) => {
    const found = known.get(token);
    if (found && Date.now() < found.until) return found.caller;
    const caller = await authenticate(token);
    if (known.size >= mostRemembered) known.clear();
    if ("error" in caller) known.delete(token);
    else known.set(token, { caller, until: Date.now() + rememberedMilliseconds });
    return caller;
  };
}

async function callerOf(authenticate: Authenticate, { headers }: IncomingMessage) {
  const token = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  return token === undefined ? { error: "there is no bearer token" } : authenticate(token);
}

/** As the caller: what a caller itself says of whom it is goes no further than here. */
async function optionsFor(connection: ClusterConnection, request: IncomingMessage, caller: { username: string; groups: string[] }) {
  const { headers, ...place } = await connection.options();
  const own = passedOn(request.headers);
  for (const name of Object.keys(own)) if (name.startsWith("impersonate-") || name === "authorization") delete own[name];
  const as = { "impersonate-user": caller.username, ...(caller.groups.length > 0 && { "impersonate-group": caller.groups }) };
  const chunked = request.headers["transfer-encoding"];
  return {
    ...place,
    method: request.method,
    path: pathOn(connection.server, request.url ?? "/"),
    headers: { ...own, ...(chunked && { "transfer-encoding": chunked }), host: connection.server.host, ...headers, ...as },
  };
}

function send({ server }: ClusterConnection, options: RequestOptions) {
  return (server.protocol === "http:" ? httpRequest : httpsRequest)(options);
}

function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}

function record(user: string, request: IncomingMessage, status: number, began: number): RequestRecord {
  const { verb, namespace, name, isResource, path, resource, subresource } = readRequestInfo(request);
  const what = isResource ? [resource, subresource].filter(Boolean).join("/") : path;
  return { user, verb, resource: what, namespace, name, status, milliseconds: performance.now() - began };
}

/** In the form of the API server's own refusals. */
function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  if (response.headersSent) return void response.destroy();
  const body = JSON.stringify({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code });
  response.writeHead(code, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}
