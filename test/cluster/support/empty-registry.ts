import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A registry of this machine's that has nothing: nodes ask such a one without TLS. */
export async function startEmptyRegistry(): Promise<{ address: string; stop(): Promise<void> }> {
  const server = createServer((_, response) => {
    response.writeHead(404, { "content-type": "application/json" }).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
