import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Agent } from "node:https";
import { https } from "../runtime/node-http.ts";

/** Where an API server is; the agent keeps connections alive and trusts the cluster's own CA only. */
export interface KubernetesConnection {
  endpoint: URL;
  agent: Agent;
}

/** How a client gets to one cluster as one identity. Both are kept until they are found stale. */
export interface KubernetesAccess {
  connection(): Promise<KubernetesConnection>;
  /** The endpoint or its certificate no longer holds: look again next time. */
  forgetConnection(stale: KubernetesConnection): void;
  token(): Promise<string>;
  forgetToken(stale: string): void;
}

export interface KubernetesRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** From connecting to the last byte. */
  timeoutMilliseconds: number;
  /** A longer answer is an error, or cut: it would otherwise take the function's memory. */
  limitBytes: number;
  /** Keeps the beginning of a longer answer, and reads it to its end all the same: when that came is known then. */
  cutsLonger?: boolean;
}

export interface KubernetesReply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** There was more than `limitBytes` of it. */
  isCut?: boolean;
}

/** No answer came, or not all of it: the request may or may not have had its effect. */
export class NoReply extends Error {
  readonly code: string;
  /** The connection was there: what did not come, or broke off, is the answer. */
  readonly isAnswer: boolean;
  constructor(code: string, message: string, isAnswer = false) {
    super(message);
    this.name = "NoReply";
    this.code = code;
    this.isAnswer = isAnswer;
  }
}

/** One request and its whole answer. By a timer: a signal takes a starting function a millisecond more. */
export async function exchange(connection: KubernetesConnection, token: string, asked: KubernetesRequest): Promise<KubernetesReply> {
  const outgoing = send(connection, token, asked);
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    outgoing.destroy();
  }, asked.timeoutMilliseconds);
  try {
    const response = await headOf(outgoing, asked);
    return { status: response.statusCode ?? 0, headers: response.headers, ...(await readAll(response, asked)) };
  } catch (error) {
    const late = `was not answered within ${asked.timeoutMilliseconds} ms`;
    if (isLate) throw new NoReply("ETIMEDOUT", `${asked.method} ${asked.path} ${late}`, true);
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

type Sent = Pick<KubernetesRequest, "method" | "path" | "headers" | "body">;

/** One request up to the head of its answer; the body is the caller's to read, until `signal` aborts. */
export function open(connection: KubernetesConnection, token: string, asked: Sent, signal: AbortSignal): Promise<IncomingMessage> {
  const outgoing = send(connection, token, asked);
  endBy(signal, outgoing);
  return headOf(outgoing, asked);
}

/** By a listener of our own: what Node does for a request that has a signal, it loads first. */
function endBy(signal: AbortSignal, outgoing: ClientRequest): void {
  const stop = () => {
    outgoing.destroy();
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  outgoing.once("close", () => signal.removeEventListener("abort", stop));
}

function send({ endpoint, agent }: KubernetesConnection, token: string, { method, path, headers, body }: Sent): ClientRequest {
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const outgoing = https.request({
    agent,
    method,
    hostname: endpoint.hostname.replace(/^\[|\]$/g, ""),
    port: endpoint.port || 443,
    path: endpoint.pathname.replace(/\/$/, "") + path,
    headers: { accept: "application/json", ...headers, ...length, authorization: `Bearer ${token}` },
  });
  return outgoing.end(body);
}

function headOf(outgoing: ClientRequest, { method, path }: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on("response", resolve);
    outgoing.on("error", (error: NodeJS.ErrnoException) =>
      reject(new NoReply(error.code ?? "ECONNRESET", `${method} ${path}: ${error.message}`)),
    );
  });
}

type Read = Pick<KubernetesReply, "body" | "isCut">;

/** By its events: the iterator of a stream takes a starting function a millisecond more. */
function readAll(response: IncomingMessage, { method, path, limitBytes, cutsLonger }: KubernetesRequest): Promise<Read> {
  const { promise, resolve, reject } = Promise.withResolvers<Read>();
  const broken = ({ code = "ECONNRESET", message }: NodeJS.ErrnoException) =>
    reject(new NoReply(code, `${method} ${path}: the answer broke off: ${message}`, true));
  const chunks: Buffer[] = [];
  let length = 0;
  response.on("data", (chunk: Buffer) => {
    const room = limitBytes - length;
    length += chunk.length;
    if (room > 0) chunks.push(chunk.subarray(0, room));
    if (length <= limitBytes || cutsLonger) return;
    reject(new Error(`${method} ${path} answered with more than ${limitBytes} bytes`));
    response.destroy();
  });
  response.on("end", () => resolve({ body: Buffer.concat(chunks).toString("utf8"), isCut: length > limitBytes }));
  response.on("error", broken);
  response.on("close", () => broken(new Error("the connection was closed")));
  return promise;
}
