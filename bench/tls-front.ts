import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { clusterIdentity } from "../local/cluster/api/certificate.ts";

export interface TlsFront {
  /** `https://127.0.0.1:<port>` */
  url: string;
  /** File with the authority that a client has to trust. */
  authority: string;
  close(): void;
}

/** The same address over TLS: AWS answers over nothing else, and its first handshake is part of a first call. */
export async function openTlsFront(folder: string, port: number): Promise<TlsFront> {
  const { key, certificate, authority } = await clusterIdentity(folder, "bench");
  const file = join(folder, "authority.pem");
  writeFileSync(file, authority);
  const server = createServer({ key, cert: certificate }, (from, to) => {
    const { method, url, headers } = from;
    const passed = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    passed.on("error", () => to.destroy());
    from.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, authority: file, close: () => server.close() };
}
