import { once } from "node:events";
import type { IncomingMessage, RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Identity } from "./certificate.ts";

interface LoopbackParts {
  /** What the server shows of itself. */
  identity: Pick<Identity, "key" | "certificate">;
  /** 0 takes any free port. */
  port: number;
  /** How long an idle connection is kept: longer than any client keeps it. */
  keepAliveTimeout: number;
  onRequest: RequestListener;
  /** Of a connection that the caller wants to become another protocol's; refused where it is left out. */
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface LoopbackServer {
  /** `https://127.0.0.1:port` */
  endpoint: string;
  /** Ends every connection, also those that were upgraded. */
  stop(): Promise<void>;
}

/** HTTP over TLS on 127.0.0.1, for watches that stay open for long. */
export async function startLoopbackServer({
  identity,
  port,
  keepAliveTimeout,
  onRequest,
  onUpgrade,
}: LoopbackParts): Promise<LoopbackServer> {
  const { key, certificate } = identity;
  const server = createServer({ key, cert: certificate, keepAliveTimeout, requestTimeout: 0 }, onRequest);
  const upgraded = new Set<Duplex>();
  if (onUpgrade) {
    server.on("upgrade", (request, socket, head) => {
      upgraded.add(socket.once("close", () => upgraded.delete(socket)));
      onUpgrade(request, socket, head);
    });
  }
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
}
