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

export interface WatchEvent {
  type: string;
  object: Any;
}
interface Lines {
  reader: AsyncIterable<string>;
  end(): void;
}

export interface Access {
  endpoint: string;
  /** PEM. */
  authority: string;
  token?: string;
  /** PEM, in place of a token. */
  certificate?: string;
  key?: string;
  /** Sent with each request: whom to impersonate. */
  headers?: Record<string, string | string[]>;
  /** How long a wait may last, in milliseconds. */
  patience?: number;
}

const mergePatch = { "Content-Type": "application/merge-patch+json" };

/** A plain Kubernetes client of one identity, for tests. */
export class ApiClient {
  readonly #access: Access;
  readonly #tls: { ca: string; cert?: string; key?: string };
  readonly #agent: Agent;

  constructor(access: Access) {
    this.#access = access;
    const { authority, certificate, key } = access;
    this.#tls = { ca: authority, ...(certificate && key && { cert: certificate, key }) };
    this.#agent = new Agent({ ...this.#tls, keepAlive: true });
  }

  get = (path: string) => this.call("GET", path);
  create = (path: string, body: object) => this.call("POST", path, body);
  replace = (path: string, body: object) => this.call("PUT", path, body);
  patch = (path: string, body: object) => this.call("PATCH", path, body, mergePatch);
  delete = (path: string, body?: object) => this.call("DELETE", path, body);

  /** Creates an object that has to be accepted; gives it as stored. */
  async make(path: string, body: object): Promise<Any> {
    const answer = await this.create(path, body);
    if (answer.status === 201) return answer.body;
    throw new Error(`POST ${path} was answered ${answer.status}: ${answer.text}`);
  }

  call(method: string, path: string, body?: object | string, headers: Record<string, string> = {}): Promise<Answer> {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const content = text && { "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(text)) };
    return new Promise((resolve, reject) => {
      const call = request(this.#url(path), this.#options(method, { ...content, ...headers }), (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const answer = Buffer.concat(chunks).toString();
          const isJson = response.headers["content-type"]?.includes("json");
          const body = isJson ? JSON.parse(answer) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: answer, body });
        });
      });
      call.on("error", reject);
      call.end(text);
    });
  }

  /** Gives each piece of an answer as it comes; ends with it. */
  stream(path: string, onPiece: (piece: string) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = request(this.#url(path), this.#options("GET", {}), (response) => {
        response.setEncoding("utf8");
        response.on("data", onPiece);
        response.on("error", reject);
        response.on("end", resolve);
      });
      call.on("error", reject);
      call.end();
    });
  }

  /** The events of a watch as they come, until the server or the reader ends it. */
  async *watch(path: string, signal = AbortSignal.timeout(this.#access.patience ?? 20_000)): AsyncGenerator<WatchEvent> {
    yield* await this.openWatch(path, signal);
  }

  /** Resolves when the server has begun to answer: nothing that happens from then on comes late. */
  async openWatch(path: string, signal: AbortSignal): Promise<AsyncGenerator<WatchEvent>> {
    const lines = await this.#openLines(`${path}${path.includes("?") ? "&" : "?"}watch=true`, signal);
    return this.#eventsOf(path, lines, signal);
  }

  async *#eventsOf(path: string, lines: Lines, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    try {
      for await (const line of lines.reader) yield JSON.parse(line);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new Error(`no event that ends the wait came on ${path}`);
    } finally {
      lines.end();
    }
  }

  /** The first events of a watch. */
  async take(path: string, count: number): Promise<WatchEvent[]> {
    const taken: WatchEvent[] = [];
    for await (const event of this.watch(path)) if (taken.push(event) === count) break;
    return taken;
  }

  /** Waits by a watch until an object of the collection satisfies `wanted`; gives that object. */
  async until(path: string, name: string, wanted: (object: Any) => boolean): Promise<Any> {
    return this.#untilSeen(`${path}?fieldSelector=metadata.name=${name}`, wanted);
  }

  /** Like `until`, for an object whose name is generated. */
  async untilAny(path: string, wanted: (object: Any) => boolean): Promise<Any> {
    return this.#untilSeen(path, wanted);
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

  async #untilSeen(path: string, wanted: (object: Any) => boolean): Promise<Any> {
    const seen = new Map<string, unknown>();
    try {
      for await (const { object } of this.watch(path)) {
        if (object.kind === "Status") throw new Error(`the watch was answered ${JSON.stringify(object)}`);
        seen.set(object.metadata.name, object.status ?? object);
        if (wanted(object)) return object;
      }
    } catch (error) {
      throw new Error(`${(error as Error).message}; last seen: ${JSON.stringify([...seen], null, 1)}`);
    }
    throw new Error(`the watch on ${path} ended`);
  }

  #openLines(path: string, signal: AbortSignal): Promise<Lines> {
    return new Promise((resolve, reject) => {
      const options = { ...this.#options("GET", {}), agent: new Agent(this.#tls), signal };
      const call = request(this.#url(path), options, (response) => {
        resolve({ reader: createInterface({ input: response }), end: () => response.destroy() });
        response.on("error", () => undefined);
      });
      call.on("error", reject);
      call.end();
    });
  }

  #url(path: string): string {
    return `${this.#access.endpoint}${path}`;
  }

  #options(method: string, headers: Record<string, string>): RequestOptions {
    const { token, headers: own } = this.#access;
    return { method, agent: this.#agent, headers: { ...headers, ...own, ...(token && { Authorization: `Bearer ${token}` }) } };
  }
}
