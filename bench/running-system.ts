import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

export const makeFolder = (below = tmpdir()): string => mkdtempSync(join(below, "slipway-bench-"));
/** In memory where the machine has such a place: each write of the local DynamoDB waits for its disk, and filling it takes ten times as long. */
export const makeMemoryFolder = (): string => makeFolder(existsSync("/dev/shm") ? "/dev/shm" : tmpdir());
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

interface Calling {
  as?: "member" | "admin";
  headers?: Record<string, string>;
}

/** `npm start` as a person types it, on a free port. */
export class RunningSystem {
  readonly port: number;
  /** `performance.now()` when the command was given. */
  readonly began = performance.now();
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #printed = "";
  readonly #tokens = new Map<string, Promise<string>>();

  private constructor(port: number, options: string[], environment: Record<string, string>) {
    this.port = port;
    // A process group of its own, as a shell gives it: all of it is interrupted together.
    this.#process = spawn("npm", ["start", "--silent", "--", "--port", String(port), ...options], {
      ...{ cwd: root, detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } },
    });
    this.pid = this.#process.pid as number;
    this.#ended = once(this.#process, "exit");
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream?.on("data", (text) => (this.#printed += text));
  }

  static async start(options: string[], port?: number, environment: Record<string, string> = {}): Promise<RunningSystem> {
    return new RunningSystem(port ?? (await freePort()), options, environment);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The first answer that is as it should be; asks again and again until then. Errors: the system has ended, or time is over (two minutes). */
  async until<Answer>(ask: () => Promise<Answer | undefined>, milliseconds = 120_000): Promise<Answer> {
    let last = "";
    for (const end = performance.now() + milliseconds; performance.now() < end; await new Promise((resolve) => setTimeout(resolve, 10))) {
      if (this.#process.exitCode !== null) break;
      const answer = await ask().catch((error: unknown) => {
        last = String(error);
        return undefined;
      });
      if (answer !== undefined) return answer;
    }
    throw new Error(`the system did not come so far:\n${this.#printed}\n${last}`);
  }

  apiAnswers(): Promise<true> {
    return this.until(async () => ((await fetch(`${this.url}/v1/healthz`)).ok ? true : undefined));
  }

  /** The sample's endpoint gives the right class for a flower. */
  sampleAnswers(): Promise<true> {
    const input = { name: "input", shape: [1, 4], datatype: "FP32", data: [6.3, 3.3, 6.0, 2.5] };
    return this.until(async () => {
      const answer = await this.#fetch("POST", "/endpoints/iris/v2/models/iris/infer", { inputs: [input] });
      const { outputs } = (await answer.json()) as { outputs: { name: string; data: number[] }[] };
      return outputs.some(({ data }) => data[0] === 2) ? true : undefined;
    });
  }

  /** Its operation has ended, too. */
  async sampleIsSettled(): Promise<void> {
    await this.sampleAnswers();
    await this.until(async () => ((await this.call("GET", "/v1/deployments/iris/state")).operation ? undefined : true));
  }

  /** Answer of the API, to a member unless said otherwise. Errors: anything but success. */
  // biome-ignore lint/suspicious/noExplicitAny: shapes are the API's own
  async call(method: string, path: string, body?: unknown, calling: Calling = {}): Promise<any> {
    return JSON.parse(await this.#answer(method, path, body, calling));
  }

  /** Plain lines, where a route gives them. */
  text(path: string): Promise<string> {
    return this.#answer("GET", path, undefined, { headers: { accept: "text/plain" } });
  }

  /** The header by which the API knows who asks. */
  async authorization(as = "member"): Promise<string> {
    const token = this.#tokens.get(as) ?? this.#signIn(as);
    this.#tokens.set(as, token);
    return `Bearer ${await token}`;
  }

  async #answer(method: string, path: string, body: unknown, { as = "member", headers = {} }: Calling): Promise<string> {
    const answer = await this.#fetch(method, path, body, { ...headers, authorization: await this.authorization(as) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) process.kill(-this.pid, "SIGINT");
    await this.#ended;
  }

  async #signIn(as: string): Promise<string> {
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: as, client_secret: "local" });
    const answer = await fetch(`${this.url}/oidc/token`, { method: "POST", body: form });
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  #fetch(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    if (body === undefined) return fetch(`${this.url}${path}`, { method, headers });
    const typed = { ...headers, "content-type": "application/json" };
    return fetch(`${this.url}${path}`, { method, headers: typed, body: JSON.stringify(body) });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
