import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An API server of which only this is known: path → answer. */
export async function stubApi(answers: Record<string, [number, object]>): Promise<{ server: string; stop(): void }> {
  const http = createServer((request, response) => {
    const [status, body] = answers[request.url?.split("?")[0] ?? ""] ?? [404, { reason: "NotFound", message: "not found" }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await once(http.listen(0, "127.0.0.1"), "listening");
  return { server: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, stop: () => http.close() };
}
