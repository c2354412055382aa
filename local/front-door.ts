import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpHandler } from "./aws/endpoint.ts";
import { backlog } from "./http-message.ts";

export interface FrontDoor {
  port: number;
  /** From now on requests below this first path segment go to the handler; `*` takes all others. */
  open(segment: string, handler: HttpHandler): void;
  close(): Promise<void>;
}

/** The one port for everything, on the loopback address only. Errors: the port is taken. */
export async function openFrontDoor(port: number): Promise<FrontDoor> {
  const handlers = new Map<string, HttpHandler>();
  const server = createServer((request, response) => void serve(handlers, request, response));
  // Longer than any client keeps a connection for later use: one that is closed under a request would fail it.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  server.listen({ port, host: "127.0.0.1", backlog });
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => Promise.reject(explain(error, port)));
  return {
    port: (server.address() as AddressInfo).port,
    open: (segment, handler) => void handlers.set(segment, handler),
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function serve(handlers: Map<string, HttpHandler>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const segment = /^\/([^/?]*)/.exec(request.url ?? "/")?.[1] ?? "";
  const handler = handlers.get(segment) ?? handlers.get("*");
  try {
    if (!isLoopback(request.headers.host)) return refuseHost(response);
    if (handler !== undefined) return await handler(request, response);
    response.writeHead(503, { "content-type": "application/json", "retry-after": "1" });
    response.end(JSON.stringify({ message: "The local system is starting" }));
  } catch (error) {
    console.error(`${request.method} ${request.url} failed in the local runtime:`, error);
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { "content-type": "application/json" }).end(JSON.stringify({ message: "Internal Server Error" }));
  }
}

/** A web page elsewhere may let its own name lead to this address; what its scripts send carries that name. */
const isLoopback = (host = ""): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);

function refuseHost(response: ServerResponse): void {
  response.writeHead(421, { "content-type": "application/json" });
  response.end(JSON.stringify({ message: "Use 127.0.0.1 or localhost: the local system answers to no other name" }));
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === "EADDRINUSE")
    return new Error(`Port ${port} is taken by another program. Choose another one: npm start -- --port ${port + 1}`);
  if (error.code === "EACCES")
    return new Error(`Port ${port} may not be opened by this user. Choose one above 1023: npm start -- --port 4000`);
  return error;
}
