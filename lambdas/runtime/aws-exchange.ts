import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { NoAnswer } from "./aws-error.ts";
import { https, plainHttp, tls } from "./node-http.ts";

/** A request that is ready to be sent. */
export interface Outgoing {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string;
  /** From connecting to the last byte. */
  timeoutMilliseconds: number;
  /** By default one of AWS's, whose authorities a function is deployed with; anybody else's server may have its certificate from anybody. */
  server?: "aws" | "public";
}

export interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
}

const connectMilliseconds = 1_000;

type Scheme = "http" | "https";
const pool = { keepAlive: true, maxSockets: 50 };
const agents: Partial<Record<Scheme | "public", Agent>> = {};
/** One pool of connections for all services of a process, and one for whoever else is asked. */
function agent(scheme: Scheme, server: Outgoing["server"]): Agent {
  if (scheme === "https" && server === "public") {
    agents.public ??= new https.Agent({ ...pool, secureContext: tls.createSecureContext({ ca: publicAuthorities() }) });
    return agents.public;
  }
  agents[scheme] ??= new (transport(scheme).Agent)(pool);
  return agents[scheme];
}

/** All that Node trusts by itself, and those that its environment adds. */
const publicAuthorities = (): string[] => [...tls.rootCertificates, ...tls.getCACertificates("extra")];

const transport = (scheme: Scheme) => (scheme === "http" ? plainHttp() : https);

/** Sends it once. Errors: NoAnswer. */
export function exchange({ url, method, headers, body, timeoutMilliseconds, server }: Outgoing): Promise<Answer> {
  const scheme: Scheme = url.protocol === "http:" ? "http" : "https";
  return new Promise((resolve, reject) => {
    const fail = (message: string) => {
      clearTimeout(deadline);
      reject(new NoAnswer(`${method} ${url.host}: ${message}`, outgoing.reusedSocket));
      outgoing.destroy();
    };
    const deadline = setTimeout(() => fail(`not answered within ${timeoutMilliseconds} ms`), timeoutMilliseconds);
    const options: RequestOptions = { agent: agent(scheme, server), method, headers };
    const outgoing = transport(scheme).request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        clearTimeout(deadline);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString("utf8") });
      });
      response.on("error", (error) => fail(`the answer broke off: ${error.message}`));
    });
    outgoing.on("error", (error) => fail(error.message));
    watchConnecting(outgoing, () => fail(`not connected within ${connectMilliseconds} ms`));
    outgoing.end(body);
  });
}

/** An address that nobody listens at is found out sooner than an answer that takes its time. */
function watchConnecting(outgoing: ClientRequest, late: () => void): void {
  outgoing.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(late, connectMilliseconds);
    const stop = () => clearTimeout(timer);
    socket.once("connect", stop).once("close", stop);
  });
}
