import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import type { KubernetesAccess } from "../../lambdas/adapters/kubernetes-request.ts";

export interface Received {
  method: string;
  path: string;
  token: string;
  headers: IncomingMessage["headers"];
  body: string;
}
export type Answering = (received: Received, response: ServerResponse) => void;

/** An HTTPS server with a CA of its own that answers one request after another as a test says. */
export interface ApiServer {
  url: string;
  certificateAuthority: string;
  received: Received[];
  /** The next requests are answered by these, in turn; the last one stays. */
  answer(...next: Answering[]): void;
  access(): KubernetesAccess & { tokensGiven: number; connectionsMade: number };
  stop(): Promise<void>;
}

export async function startApiServer(): Promise<ApiServer> {
  const { private: key, cert } = await certificate();
  const received: Received[] = [];
  let answers: Answering[] = [];
  // As patient as an API server: a test whose machine stands still keeps its connections.
  const server = createServer({ key, cert, keepAliveTimeout: 120_000 }, async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method = "", url: path = "", headers } = request;
    const entry = { method, path, token: headers.authorization?.replace("Bearer ", "") ?? "", headers, body };
    received.push(entry);
    const answering = answers.length > 1 ? answers.shift() : answers[0];
    answering?.(entry, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    certificateAuthority: cert,
    received,
    answer: (...next) => {
      answers = next;
    },
    access: () => accessTo(url, cert),
    stop: () => stop(server),
  };
}

const certificate = () =>
  generate([{ name: "commonName", value: "api-server" }], {
    keySize: 2048,
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });

/** Tokens are `token-1`, `token-2` …: a test sees which one came. */
function accessTo(url: string, ca: string) {
  const access = {
    tokensGiven: 1,
    connectionsMade: 1,
    connection: async () => current,
    forgetConnection: (stale: unknown) => {
      if (stale !== current) return;
      access.connectionsMade += 1;
      current = { endpoint: new URL(url), agent: new Agent({ ca, keepAlive: true }) };
    },
    token: async () => `token-${access.tokensGiven}`,
    forgetToken: (stale: string) => {
      if (stale === `token-${access.tokensGiven}`) access.tokensGiven += 1;
    },
  };
  let current = { endpoint: new URL(url), agent: new Agent({ ca, keepAlive: true }) };
  return access;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answering =>
  (_received, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };

export const refusal = (code: number, reason: string, message: string, headers?: Record<string, string>): Answering =>
  json(code, { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message }, headers);

/** The connection breaks before anything was answered. */
export const breakOff: Answering = (_received, response) => response.destroy();
