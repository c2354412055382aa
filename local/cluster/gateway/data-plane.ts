import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { backlog, together } from "../../http-message.ts";
import type { PodNetwork } from "../network/pod-network.ts";
import type { RouteFilter } from "../objects/gateway-api.ts";
import { requestHeaders, responseHeaders, rewriteHost, rewritePath } from "./filters.ts";
import type { RequestCounters } from "./request-counters.ts";
import { type Backend, type Endpoint, findEntry, type RouteEntry } from "./route-table.ts";
import type { TargetGroups } from "./target-groups.ts";

const hopByHop = ["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "upgrade"];
const idleClient = 75_000;
/** Before a server in Python closes it, after 5 s, and without a word: a request sent at that moment would be lost. */
const idleServer = 4_000;

interface Refusal {
  status: number;
  text: string;
  filters: RouteFilter[];
  /** Whose endpoint it was that could not be reached; without an endpoint nobody was asked. */
  service?: string;
}
interface Target {
  port: number;
  filters: RouteFilter[];
  service: string;
}

/** The proxy itself: takes requests, follows the table it was last given. Each of its replicas has a table of its own. */
export class DataPlane {
  readonly #tables: RouteEntry[][];
  /** Which replica a caller's connection has come to: it stays there. */
  readonly #replicas = new WeakMap<Socket, number>();
  #connections = 0;
  /** Who may have requests; undefined: every endpoint that a table names. */
  readonly #targets: TargetGroups | undefined;
  readonly #network: PodNetwork;
  readonly #counters: RequestCounters;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 64, timeout: idleServer });
  readonly #server = createServer({ keepAliveTimeout: idleClient, requestTimeout: 0 }, (request, response) =>
    this.#answer(request, response),
  );

  constructor(network: PodNetwork, counters: RequestCounters, { replicas, targets }: { replicas: number; targets?: TargetGroups }) {
    this.#targets = targets;
    this.#network = network;
    this.#counters = counters;
    this.#tables = Array.from({ length: replicas }, () => []);
    this.#server.on("connection", (socket) => this.#replicas.set(socket, this.#connections++ % replicas));
  }

  /** Gives the port on 127.0.0.1. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ port: 0, host: "127.0.0.1", backlog }, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  follow(entries: RouteEntry[], replica: number): void {
    for (const target of this.#targets?.follow(entries, Date.now()) ?? []) this.#reset(target);
    this.#tables[replica] = entries;
    if (replica === 0) this.#counters.reloaded();
  }

  /** Every connection to it, with what is under way on it. */
  #reset({ address, port }: Endpoint): void {
    const place = `127.0.0.1:${this.#network.loopbackPort(address, port)}:`;
    for (const sockets of [this.#agent.sockets, this.#agent.freeSockets])
      for (const [name, each = []] of Object.entries(sockets)) if (name.startsWith(place)) for (const socket of [...each]) socket.destroy();
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://gateway");
    const entry = findEntry(this.#tables[this.#replicas.get(request.socket) ?? 0] ?? [], request, url);
    const target = entry ? this.#targetOf(entry) : { status: 404, text: "no route matches this request", filters: [] };
    if (target.service !== undefined) this.#countWhenAnswered(request, response, target.service);
    // After what else has arrived is seen: a connection that its server has closed meanwhile must not be taken for a kept one.
    if (entry && "port" in target) setImmediate(() => this.#forward(request, response, entry, target, url));
    else if ("status" in target) refuse(response, target.status, target.text, responseHeaders(target.filters, {}));
  }

  /** Where one request goes, or the answer of the gateway itself. */
  #targetOf(entry: RouteEntry): Target | Refusal {
    const backend = chooseBackend(entry.backends);
    const filters = [...entry.filters, ...(backend?.filters ?? [])];
    if (!backend?.endpoints) return { status: 500, text: "the route has no backend for this request", filters };
    const endpoints = this.#targets?.healthy(backend, Date.now()) ?? backend.endpoints;
    const endpoint = endpoints[Math.floor(Math.random() * endpoints.length)];
    if (!endpoint) return { status: 503, text: "no healthy upstream", filters };
    const port = this.#network.loopbackPort(endpoint.address, endpoint.port);
    const { service } = backend;
    return port === undefined ? { status: 503, text: unreachable, filters, service } : { port, filters, service };
  }

  /** As Traefik counts: an answer that broke off is none, and 499 is a caller that did not wait for one. */
  #countWhenAnswered({ method = "GET", headers }: IncomingMessage, response: ServerResponse, service: string): void {
    const began = performance.now();
    const accepted = (headers.accept ?? "").split(",").map((type) => type.trim().toLowerCase());
    const protocol = accepted.includes("text/event-stream") ? "sse" : "http";
    const count = (code: number): void =>
      this.#counters.count({ service, method, protocol, code, seconds: (performance.now() - began) / 1000 });
    response.on("finish", () => count(response.statusCode));
    response.on("close", () => {
      if (!response.headersSent) count(499);
    });
  }

  #forward(request: IncomingMessage, response: ServerResponse, entry: RouteEntry, { filters, port }: Target, url: URL): void {
    if (response.destroyed) return;
    const path = rewritePath(filters, entry.match, url.pathname) + url.search;
    const headers = requestHeaders(filters, { ...forwarded(request), host: rewriteHost(filters, request.headers.host) });
    const upstream = httpRequest({ agent: this.#agent, host: "127.0.0.1", port, method: request.method, path, headers });
    upstream.on("response", (answer) => {
      together(response.socket);
      response.writeHead(answer.statusCode ?? 502, responseHeaders(filters, withoutHopByHop(answer.headers)));
      // A streamed answer must not wait for its first piece, nor the request for its own.
      response.flushHeaders();
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    });
    upstream.on("error", () => {
      if (response.headersSent) response.destroy();
      else refuse(response, 503, unreachable, responseHeaders(filters, {}));
    });
    response.on("close", () => upstream.destroy());
    upstream.on("socket", together);
    upstream.flushHeaders();
    request.pipe(upstream);
  }
}

const unreachable = "upstream connect error or disconnect/reset before headers. reset reason: connection failure";

/** By weight; undefined without backends or when all weights are 0. */
function chooseBackend(backends: Backend[]): Backend | undefined {
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  let point = Math.random() * total;
  return backends.find(({ weight }) => {
    point -= weight;
    return weight > 0 && point < 0;
  });
}

function refuse(response: ServerResponse, status: number, text: string, headers: OutgoingHttpHeaders): void {
  response.writeHead(status, { "content-type": "text/plain", "content-length": Buffer.byteLength(text), ...headers }).end(text);
}

function forwarded(request: IncomingMessage): OutgoingHttpHeaders {
  const client = request.socket.remoteAddress ?? "";
  const before = request.headers["x-forwarded-for"];
  return {
    ...withoutHopByHop(request.headers),
    "x-forwarded-for": before ? `${before}, ${client}` : client,
    "x-forwarded-proto": request.headers["x-forwarded-proto"] ?? "http",
  };
}

function withoutHopByHop(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}
