import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { EndpointSlice, Pod, Service } from "../objects/workloads.ts";
import { ruleFor } from "./kinds.ts";
import type { NodeAccess } from "./node-access.ts";
import type { Registry } from "./registry.ts";
import type { RequestInfo } from "./request-info.ts";
import { badRequest, serviceUnavailable } from "./status-error.ts";

interface Target {
  address: string;
  port: number;
}

const agent = new Agent({ keepAlive: false });
const notForwarded = [
  "authorization",
  "connection",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "upgrade",
  "x-remote-user",
  "x-remote-group",
];

/** `services/{name}/proxy` and `pods/{name}/proxy`: any method, body and query, streamed both ways. */
export async function proxyRequest(
  registry: Registry,
  node: NodeAccess,
  info: RequestInfo,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (info.rest === "" && (info.method === "GET" || info.method === "HEAD")) {
    response.writeHead(301, { Location: `${info.path}/${info.url.search}` }).end();
    return;
  }
  const target = info.resource === "services" ? serviceTarget(registry, info) : podTarget(registry, info);
  // A real API server breaks off as well: it knows no names of a pod's ports.
  if (target) await forward(node, target, info, request, response);
  else request.socket.destroy();
}

/** `[scheme:]name[:port]`, as the path segment names it. */
function splitName(segment: string, what: "service" | "pod"): { scheme: string; name: string; port: string } {
  const parts = segment.split(":");
  if (parts.length > 3 || (parts.length === 3 && !["", "http", "https"].includes(parts[0] as string)))
    throw badRequest(`invalid ${what} request "${segment}"`);
  if (parts.length === 3) return { scheme: parts[0] as string, name: parts[1] as string, port: parts[2] as string };
  return { scheme: "", name: parts[0] as string, port: parts[1] ?? "" };
}

/** As the real one resolves it: a number through the Service, a name or none at all by the names of the endpoints' ports. */
function serviceTarget(registry: Registry, info: RequestInfo): Target {
  const { scheme, name, port } = splitName(info.name, "service");
  refuseTls(scheme, info.name);
  const service = registry.get(ruleFor("Service"), info.namespace, name) as Service;
  const portName = /^\d+$/.test(port) ? portByNumber(service, Number(port)) : port;
  const slices = registry
    .list<EndpointSlice>("EndpointSlice", info.namespace)
    .filter((slice) => slice.metadata.labels?.["kubernetes.io/service-name"] === name && slice.endpoints?.length);
  if (slices.length === 0) throw serviceUnavailable(`no endpoints available for service "${name}"`);
  const targets = slices.flatMap((slice) => {
    const slicePort = slice.ports?.find((each) => each.name === portName);
    const ready = (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions.ready !== false);
    return slicePort ? ready.map((endpoint) => ({ address: endpoint.addresses[0] as string, port: slicePort.port })) : [];
  });
  const chosen = targets[Math.floor(Math.random() * targets.length)];
  if (!chosen) throw serviceUnavailable(`no endpoints available for service "${info.name}"`);
  return chosen;
}

function portByNumber(service: Service, number: number): string {
  const declared = service.spec.ports?.find((each) => each.port === number);
  if (!declared) throw serviceUnavailable(`no service port ${number} found for service "${service.metadata.name}"`);
  return declared.name ?? "";
}

/** undefined when the port is a name. */
function podTarget(registry: Registry, info: RequestInfo): Target | undefined {
  const { scheme, name, port } = splitName(info.name, "pod");
  refuseTls(scheme, info.name);
  const pod = registry.get(ruleFor("Pod"), info.namespace, name) as Pod;
  if (!pod.status.podIP) throw badRequest("address not allowed");
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? []);
  if (port === "") return { address: pod.status.podIP, port: declared[0]?.containerPort ?? 80 };
  if (!/^\d+$/.test(port)) return undefined;
  if (Number(port) > 65_535) throw serviceUnavailable(`error trying to reach service: dial tcp: address ${port}: invalid port`);
  return { address: pod.status.podIP, port: Number(port) };
}

function refuseTls(scheme: string, segment: string): void {
  if (scheme === "https") throw badRequest(`invalid request "${segment}": the local cluster has no proxy for https`);
}

function forward(node: NodeAccess, target: Target, info: RequestInfo, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const unreachable = (why: string) => serviceUnavailable(`error trying to reach service: ${why}`);
  const port = node.loopbackPort(target.address, target.port);
  if (!port) throw unreachable(`dial tcp ${target.address}:${target.port}: connect: connection refused`);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = forwardedHeaders(request, target);
  const backend = httpRequest({ agent, host: "127.0.0.1", port, method: info.method, path: (info.rest || "/") + info.url.search, headers });
  backend.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers));
    response.flushHeaders();
    answer.pipe(response);
    answer.on("error", () => response.destroy());
    response.on("close", resolve);
  });
  backend.on("error", (error: NodeJS.ErrnoException) => {
    if (response.headersSent) response.destroy();
    else reject(unreachable(dialError(error, target)));
  });
  response.on("close", () => backend.destroy());
  backend.flushHeaders();
  request.pipe(backend);
  return promise;
}

function dialError(error: NodeJS.ErrnoException, target: Target): string {
  const place = `${target.address}:${target.port}`;
  if (error.code === "ECONNREFUSED") return `dial tcp ${place}: connect: connection refused`;
  if (error.code === "ECONNRESET") return "EOF";
  return `dial tcp ${place}: ${error.message}`;
}

function forwardedHeaders(request: IncomingMessage, target: Target): IncomingHttpHeaders {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !notForwarded.includes(name)));
  const client = request.socket.remoteAddress ?? "127.0.0.1";
  const before = request.headers["x-forwarded-for"];
  return {
    ...headers,
    host: `${target.address}:${target.port}`,
    "x-forwarded-for": before ? `${before}, ${client}` : client,
    "x-forwarded-host": request.headers.host,
    "x-forwarded-proto": "https",
  };
}

function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _, "keep-alive": __, ...kept } = headers;
  return kept;
}
