import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { send } from "../open-inference/http.ts";
import type { Protocol } from "./protocol.ts";

/** An answer of the predictor that is none to go on with: the caller gets it as it is. */
export class PredictorAnswer extends Error {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, body: unknown) {
    super(`the predictor answered ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** Headers of a connection and of one body: they are not another's. */
const notPassedOn = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "expect",
];
const ofTheBody = ["content-length", "content-type", "content-encoding", "accept-encoding"];
/** What listens behind a Service's address changes on each node a moment later: whom nobody has heard may ask again. */
const connecting = { attempts: 8, pauseMilliseconds: 250 };
const reachMilliseconds = 2_000;

/**
 * The predictor of the same slot. Each request has a connection of its own: so they are spread over its instances, and
 * none is lost on a connection that an instance which leaves has just closed.
 */
export class Predictor {
  readonly protocol: Protocol;
  readonly #hostname: string;
  readonly #port: number;

  constructor(host: string, protocol: Protocol) {
    const { hostname, port } = new URL(`http://${host}`);
    this.#hostname = hostname;
    this.#port = Number(port || 80);
    this.protocol = protocol;
  }

  /** Whether anything answers there, whatever it says. */
  async isReached(): Promise<boolean> {
    try {
      const asked = request({ ...this.#target("GET", "/v2/health/ready"), signal: AbortSignal.timeout(reachMilliseconds) });
      asked.end();
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      answer.resume().on("error", () => undefined);
      return true;
    } catch {
      return false;
    }
  }

  /** Throws PredictorAnswer for what is no success, 503 when it cannot be reached. */
  async ask(path: string, body: object, headers: IncomingHttpHeaders, signal: AbortSignal): Promise<unknown> {
    const text = JSON.stringify(body);
    const own = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    const all = { ...without(headers, [...notPassedOn, ...ofTheBody]), ...own };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#askOnce(path, text, all, signal);
      } catch (error) {
        if (error instanceof PredictorAnswer) throw error;
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== "ECONNREFUSED" || attempt === connecting.attempts) throw unreached(message);
      }
      await pause(connecting.pauseMilliseconds, undefined, { signal });
    }
  }

  async #askOnce(path: string, text: string, headers: object, signal: AbortSignal): Promise<unknown> {
    const asked = request({ ...this.#target("POST", path), headers: { ...headers }, signal });
    asked.end(text);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = parsed(Buffer.concat(chunks).toString("utf8"));
    const status = answer.statusCode ?? 500;
    if (status < 200 || status > 299) throw new PredictorAnswer(status, body);
    return body;
  }

  /** The request as it is, and the answer as it is. */
  passOn(from: IncomingMessage, to: ServerResponse): void {
    const asked = request({ ...this.#target(from.method ?? "GET", from.url ?? "/"), headers: without(from.headers, notPassedOn) });
    asked.on("response", (answer) => {
      to.writeHead(answer.statusCode ?? 502, without(answer.headers, notPassedOn));
      answer.on("error", () => to.destroy());
      answer.pipe(to);
    });
    asked.on("error", (error) => {
      if (to.headersSent) to.destroy();
      else send(to, unreached(error.message));
    });
    to.on("close", () => asked.destroy());
    from.pipe(asked);
  }

  #target(method: string, path: string) {
    return { hostname: this.#hostname, port: this.#port, method, path, agent: false } as const;
  }
}

const unreached = (message: string) => new PredictorAnswer(503, { error: `the predictor cannot be reached: ${message}` });

function without(headers: IncomingHttpHeaders, names: string[]): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { error: `the predictor's answer is no JSON: ${text.slice(0, 200)}` };
  }
}
