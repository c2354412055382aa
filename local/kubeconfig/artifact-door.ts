import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { HttpHandler } from "../aws/endpoint.ts";

/** An address of this machine that pods reach. */
export interface ArtifactAddress {
  host: string;
  port: number;
}

/** Errors: not `HOST:PORT`. */
export function readArtifactAddress(given: string): ArtifactAddress {
  const url = URL.parse(`http://${given}`);
  const port = Number(/:(\d+)$/.exec(given)?.[1]);
  if (url?.pathname === "/" && port >= 1 && port <= 65_535) return { host: url.hostname.replace(/^\[|\]$/g, ""), port };
  throw new Error(`--artifacts-at must be HOST:PORT, an address of this machine that pods reach, given ${given}`);
}

/**
 * Lets pods read what the local S3 holds, at `http://HOST:PORT/aws`. Everything else of the local system stays on the loopback
 * address: other services, and every way to write, are refused here. Errors: the address is not this machine's, or is taken.
 */
export async function openArtifactDoor({ host, port }: ArtifactAddress, endpoint: HttpHandler): Promise<{ close(): void }> {
  const server = createServer((request, response) => {
    if (!readsObjects(request)) return refuse(response);
    endpoint(request, response).catch(() => response.destroy());
  });
  server.listen(port, host);
  await once(server, "listening").catch((error: Error) => {
    throw new Error(`--artifacts-at ${host}:${port} cannot be opened: ${error.message}`);
  });
  return {
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function readsObjects({ method, url = "", headers }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && url.startsWith("/aws/") && /\/s3\/aws4_request/.test(headers.authorization ?? "");
}

function refuse(response: ServerResponse): void {
  response.writeHead(403, { "content-type": "application/xml" });
  response.end("<Error><Code>AccessDenied</Code><Message>Only signed reads of S3 are answered at this address</Message></Error>");
}
