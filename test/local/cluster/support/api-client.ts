import type { OutgoingHttpHeaders } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { createInterface } from "node:readline";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every kind are looked into by tests
  body: any;
}
// biome-ignore lint/suspicious/noExplicitAny: objects of every kind are looked into by tests
export type Any = any;

const patience = 20_000;

/** A plain Kubernetes client of one identity, for tests. */
export class ApiClient {
  readonly #endpoint: string;
  readonly #ca: Buffer;
  readonly #token: string | undefined;
  readonly #agent: Agent;

  constructor(endpoint: string, certificateAuthority: string, token: string | undefined) {
    this.#endpoint = endpoint;
    this.#ca = Buffer.from(certificateAuthority, "base64");
    this.#token = token;
    this.#agent = new Agent({ ca: this.#ca, keepAlive: true });
  }

  get = (path: string) => this.call("GET", path);
  create = (path: string, body: object) => this.call("POST", path, body);
  replace = (path: string, body: object) => this.call("PUT", path, body);
  patch = (path: string, body: object) => this.call("PATCH", path, body, { "Content-Type": "application/merge-patch+json" });
  delete = (path: string, body?: object) => this.call("DELETE", path, body);

  call(method: string, path: string, body?: object | string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const call = request(
        this.#url(path),
        this.#options(method, {
          ...(text && { "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(text)) }),
          ...headers,
        }),
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const answer = Buffer.concat(chunks).toString();
            const isJson = response.headers["content-type"]?.includes("json");
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: answer,
              body: isJson ? JSON.parse(answer) : undefined,
            });
          });
        },
      );
      call.on("error", reject);
      call.end(text);
    });
  }

  /** The events of a watch as they come, until the server or the reader ends it. */
  async *watch(path: string, signal = AbortSignal.timeout(patience)): AsyncGenerator<{ type: string; object: Any }> {
    const lines = await this.#openLines(`${path}${path.includes("?") ? "&" : "?"}watch=true`, signal);
    try {
      for await (const line of lines.reader) yield JSON.parse(line);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new Error(`no event that ends the wait came on ${path}`);
    } finally {
      lines.end();
    }
  }

  /** Waits by a watch until an object of the collection satisfies `wanted`; gives that object. */
  async until(path: string, name: string, wanted: (object: Any) => boolean): Promise<Any> {
    let last: unknown;
    try {
      for await (const { object } of this.watch(`${path}?fieldSelector=metadata.name=${name}`)) {
        last = object;
        if (wanted(object)) return object;
      }
    } catch (error) {
      throw new Error(`${(error as Error).message}; last seen of ${name}: ${JSON.stringify(last, null, 1)}`);
    }
    throw new Error(`the watch on ${path} ended`);
  }

  /** Like `until`, for an object whose name is generated. */
  async untilAny(path: string, wanted: (object: Any) => boolean): Promise<Any> {
    const seen = new Map<string, unknown>();
    try {
      for await (const { object } of this.watch(path)) {
        seen.set(object.metadata.name, object.status ?? object);
        if (wanted(object)) return object;
      }
    } catch (error) {
      throw new Error(`${(error as Error).message}; last seen: ${JSON.stringify([...seen], null, 1)}`);
    }
    throw new Error(`the watch on ${path} ended`);
  }

  async untilGone(path: string): Promise<void> {
    const [collection, name] = [path.slice(0, path.lastIndexOf("/")), path.slice(path.lastIndexOf("/") + 1)];
    const query = `${collection}?fieldSelector=metadata.name=${name}`;
    const { items, metadata } = (await this.get(query)).body;
    if (items.length === 0) return;
    for await (const { type } of this.watch(`${query}&resourceVersion=${metadata.resourceVersion}`)) if (type === "DELETED") return;
  }

  stop(): void {
    this.#agent.destroy();
  }

  #openLines(path: string, signal: AbortSignal): Promise<{ reader: AsyncIterable<string>; end(): void }> {
    return new Promise((resolve, reject) => {
      const call = request(this.#url(path), { ...this.#options("GET", {}), agent: new Agent({ ca: this.#ca }), signal }, (response) => {
        resolve({ reader: createInterface({ input: response }), end: () => response.destroy() });
        response.on("error", () => undefined);
      });
      call.on("error", reject);
      call.end();
    });
  }

  #url(path: string): string {
    return `${this.#endpoint}${path}`;
  }

  #options(method: string, headers: OutgoingHttpHeaders): RequestOptions {
    return { method, agent: this.#agent, headers: { ...headers, ...(this.#token && { Authorization: `Bearer ${this.#token}` }) } };
  }
}
