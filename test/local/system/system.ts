import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project that these tests belong to. */
export const projectRoot = fileURLToPath(new URL("../../..", import.meta.url));

/** An answer of the API: status, headers and the parsed body. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

/** The whole local system in a process of its own, on a free port and a data folder of its own. */
export class System {
  readonly port: number;
  readonly data: string;
  readonly #root: string;
  output = "";
  #process: ChildProcess | null = null;
  readonly #tokens = new Map<string, string>();

  private constructor(port: number, data: string, root: string) {
    this.port = port;
    this.data = data;
    this.#root = root;
  }

  /** `root`: the project that is run, when it is another than this one. */
  static async start(
    args: string[] = ["--no-sample"],
    environment: Record<string, string> = {},
    root: string = projectRoot,
  ): Promise<System> {
    const system = new System(await freePort(), await mkdtemp(join(tmpdir(), "slipway-system-")), root);
    await system.run(args, environment);
    return system;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the process (again) on the same port and data, and waits until it says that it is up. */
  async run(args: string[] = ["--no-sample"], environment: Record<string, string> = {}): Promise<void> {
    const command = [join(this.#root, "local", "main.ts"), "--port", String(this.port), "--data", this.data, ...args];
    this.#process = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...command], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream?.on("data", (text) => (this.output += text));
    await this.until("the system answers", async () => {
      if (this.#process?.exitCode !== null) throw new Error(`the system ended with ${this.#process?.exitCode}:\n${this.output}`);
      return (await fetch(`${this.url}/v1/healthz`)).ok;
    });
  }

  async kill(signal: "SIGKILL" | "SIGINT" = "SIGKILL"): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  /** The code with which it has ended by itself. */
  async ended(): Promise<number | null> {
    const child = this.#process;
    if (child?.exitCode === null && child.signalCode === null) await once(child, "exit");
    return child?.exitCode ?? null;
  }

  /** Ends the system, cleanly where it can, and removes its data. */
  async stop(): Promise<void> {
    await this.kill("SIGINT");
    await rm(this.data, { recursive: true, force: true });
  }

  async call(
    method: string,
    path: string,
    options: { as?: string | null; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const { as = "member", body, headers = {} } = options;
    const all: Record<string, string> = { ...headers };
    if (as) all.authorization ??= `Bearer ${await this.token(as)}`;
    if (body !== undefined) all["content-type"] ??= "application/json";
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: all,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) };
  }

  async token(client: string): Promise<string> {
    const known = this.#tokens.get(client);
    if (known) return known;
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: client, client_secret: "local" });
    const response = await fetch(`${this.url}/oidc/token`, { method: "POST", body: form });
    const token = ((await response.json()) as { access_token: string }).access_token;
    this.#tokens.set(client, token);
    return token;
  }

  /** Asks until the answer is true; an error of the last try is told when time is up. */
  async until(what: string, condition: () => Promise<boolean>, seconds = 100): Promise<void> {
    const end = Date.now() + seconds * 1000;
    let last: unknown;
    while (Date.now() < end) {
      try {
        if (await condition()) return;
        last = undefined;
      } catch (error) {
        last = error;
        if (String(error).includes("the system ended")) break;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`not so within ${seconds} s: ${what}${last ? ` (${last})` : ""}\n${this.output.slice(-4000)}`);
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
