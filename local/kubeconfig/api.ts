import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ClusterConnection } from "./connection.ts";

/** An object of Kubernetes, of which only what is looked at is named. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata: { name: string; namespace?: string; resourceVersion?: string; uid?: string } & {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp?: string;
    deletionTimestamp?: string;
  };
  [field: string]: unknown;
}

/** An API server's refusal, told as it told it. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  constructor(method: string, path: string, status: number, body: string) {
    const told = parsed(body) as { message?: string; reason?: string } | undefined;
    super(`${method} ${path} was answered ${status}: ${told?.message ?? (body.slice(0, 300) || "without a body")}`);
    this.status = status;
    this.reason = told?.reason ?? "";
  }
}

/** No answer came: the server is not there, is somebody else's or is too slow. */
export class Unreachable extends Error {
  readonly code: string;
  constructor(server: URL, cause: NodeJS.ErrnoException) {
    super(`${server.href} cannot be reached: ${cause.message || cause.code}`, { cause });
    this.code = cause.code ?? "";
  }
}

const patienceMilliseconds = 15_000;
const mergePatch = "application/merge-patch+json";

/** The few calls that the local system itself makes of a cluster, as the user of the kubeconfig. */
export class KubernetesApi {
  readonly connection: ClusterConnection;

  constructor(connection: ClusterConnection) {
    this.connection = connection;
  }

  get = <T = KubernetesObject>(path: string): Promise<T> => this.#asked<T>("GET", path);
  create = <T = KubernetesObject>(path: string, body: object): Promise<T> => this.#asked<T>("POST", path, body);
  patch = <T = KubernetesObject>(path: string, body: object): Promise<T> => this.#asked<T>("PATCH", path, body, mergePatch);
  delete = (path: string, body?: object): Promise<unknown> => this.#asked("DELETE", path, body);

  /** undefined where there is none; also where there is no such kind. */
  async find<T = KubernetesObject>(path: string): Promise<T | undefined> {
    return this.get<T>(path).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    });
  }

  async list<T = KubernetesObject>(path: string): Promise<T[]> {
    return (await this.get<{ items: T[] }>(path)).items;
  }

  /** The answer with its body still to come. Errors: Unreachable, ApiError, KubeconfigError. */
  async open(method: string, path: string, options: { body?: string; type?: string; signal?: AbortSignal } = {}): Promise<IncomingMessage> {
    const response = await this.#send(method, path, options);
    // Credentials end: those that can be renewed are, once.
    if (response.statusCode === 401 && this.connection.forget()) {
      response.resume();
      return this.#succeeded(method, path, await this.#send(method, path, options));
    }
    return this.#succeeded(method, path, response);
  }

  async #succeeded(method: string, path: string, response: IncomingMessage): Promise<IncomingMessage> {
    const { statusCode = 0 } = response;
    if (statusCode < 300) return response;
    throw new ApiError(method, path, statusCode, await textOf(response));
  }

  async #asked<T>(method: string, path: string, body?: object, type = "application/json"): Promise<T> {
    const text = body === undefined ? {} : { body: JSON.stringify(body), type };
    const signal = AbortSignal.timeout(patienceMilliseconds);
    const response = await this.open(method, path, { ...text, signal });
    return parsed(await textOf(response)) as T;
  }

  async #send(method: string, path: string, { body, type, signal }: { body?: string; type?: string; signal?: AbortSignal }) {
    const options = await this.connection.options();
    const { server } = this.connection;
    const content = body === undefined ? {} : { "content-type": type, "content-length": Buffer.byteLength(body) };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const send = server.protocol === "http:" ? httpRequest : httpsRequest;
      const headers = { accept: "application/json", ...content, ...options.headers };
      const outgoing = send({ ...options, method, path: pathOn(server, path), headers, ...(signal && { signal }) }, resolve);
      outgoing.on("error", (error) => reject(new Unreachable(server, signal?.aborted ? tooSlow : error)));
      outgoing.end(body);
    });
  }
}

const tooSlow = Object.assign(new Error(`it did not answer within ${patienceMilliseconds / 1000} s`), { code: "ETIMEDOUT" });

/** A server may lie below a path, as clusters do that are reached by way of another service. */
export const pathOn = (server: URL, path: string): string => server.pathname.replace(/\/$/, "") + path;

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
