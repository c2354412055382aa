import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { ChildRegister } from "../../storage/child-register.ts";
import { indexStreamLog } from "./stream-log.ts";

export interface Engine {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** That it has ended without being asked to, and with what words. */
  lost: Promise<string>;
  stop(): Promise<void>;
}

/**
 * The engine behind the local DynamoDB: the embedded binary with its file in `folder`, or the one that
 * AWS_ENDPOINT_URL_DYNAMODB names. Errors: no binary for this machine and no endpoint named.
 */
export async function startEngine(
  folder: string,
  children: Pick<ChildRegister, "add">,
  external = process.env.AWS_ENDPOINT_URL_DYNAMODB,
): Promise<Engine> {
  if (external) return { url: external.replace(/\/+$/, ""), lost: new Promise(() => {}), stop: async () => {} };
  const port = await freePort();
  const file = join(folder, "dynamodb.db");
  const arguments_ = ["serve", "--host", "127.0.0.1", "--port", String(port), "--db-path", file];
  const child = spawn(binary(), arguments_, { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const release = children.add(child.pid, "dynoxide");
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  let isAskedToEnd = false;
  const stop = async () => {
    isAskedToEnd = true;
    await end(child, exited);
    release();
  };
  try {
    await Promise.race([
      answers(url, () => child.exitCode !== null),
      exited.then(() => Promise.reject(new Error(`The DynamoDB engine ended at start: ${complaint}`))),
    ]);
    indexStreamLog(file);
  } catch (error) {
    await stop();
    throw error;
  }
  const lost = exited.then(() => {
    if (isAskedToEnd) return new Promise<string>(() => {});
    return `it ended by ${child.signalCode ?? `code ${child.exitCode}`} ${complaint}`.trim();
  });
  return { url, lost, stop };
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill("SIGTERM");
  const forced = setTimeout(() => child.kill("SIGKILL"), 3000);
  if (child.exitCode === null && child.signalCode === null) await exited;
  clearTimeout(forced);
}

function binary(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("@dynoxide/linux-x64/package.json")), "dynoxide");
  } catch {
    throw new Error(
      `No DynamoDB engine comes with the dependencies for ${process.platform}-${process.arch}: start Amazon DynamoDB Local and set ` +
        "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000",
    );
  }
}

async function answers(url: string, gaveUp: () => boolean): Promise<void> {
  while (!gaveUp()) {
    try {
      await fetch(url, { method: "POST", signal: AbortSignal.timeout(1000) });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
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
