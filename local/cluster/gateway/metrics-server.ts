import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RequestCounters } from "./request-counters.ts";

/** On which the gateway's pod tells what it has counted. */
export const metricsPort = 9100;
export const metricsPath = "/metrics";

/** Serves the counters; gives the port on 127.0.0.1. */
export async function serveMetrics(counters: RequestCounters): Promise<{ port: number; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const isMetrics = request.url?.split("?")[0] === metricsPath;
    const [status, type, text] = isMetrics
      ? [200, "text/plain; version=0.0.4; charset=utf-8", counters.text()]
      : [404, "text/plain; charset=utf-8", "404 page not found\n"];
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) }).end(text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
