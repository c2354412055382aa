import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { constants } from "node:os";
import type { ContainerLog } from "./container-log.ts";

export interface ProcessStart {
  command: string[];
  env: Record<string, string>;
  folder: string;
  log: ContainerLog;
}

/** The command could not be started; the message is what a container runtime says. */
export class StartFailure extends Error {}

/** How long no output comes before what the ended process wrote is taken to be complete, when others hold its pipes open. */
const outputGrace = 500;

/** One run of a container: a process in its own session, with everything it starts. */
export class ContainerProcess {
  readonly pid: number;
  /** Exit code, 128 + signal number when a signal ended it. */
  readonly exited: Promise<number>;
  oomKilled = false;

  constructor(child: ChildProcess, log: ContainerLog) {
    this.pid = child.pid as number;
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.killAll();
        const finish = () => {
          log.close();
          resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
        };
        const late = setTimeout(finish, outputGrace);
        for (const stream of [child.stdout, child.stderr]) stream?.on("data", () => late.refresh());
        child.once("close", () => {
          clearTimeout(late);
          finish();
        });
      });
    });
  }

  /** SIGTERM to the main process alone, as a container runtime sends it. */
  terminate(): void {
    send(this.pid, "SIGTERM");
  }

  killAll(): void {
    send(-this.pid, "SIGKILL");
  }
}

function send(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

export function startProcess({ command, env, folder, log }: ProcessStart): Promise<ContainerProcess> {
  const [file = "", ...args] = command;
  const { promise, resolve, reject } = Promise.withResolvers<ContainerProcess>();
  const child = spawn(file, args, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (chunk: Buffer) => log.append("stdout", chunk));
  child.stderr.on("data", (chunk: Buffer) => log.append("stderr", chunk));
  child.once("error", (error: NodeJS.ErrnoException) => {
    log.close();
    reject(new StartFailure(startFailureText(file, error)));
  });
  child.once("spawn", () => resolve(new ContainerProcess(child, log)));
  return promise;
}

function startFailureText(file: string, error: NodeJS.ErrnoException): string {
  const runtime =
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process";
  if (!file.includes("/")) return `${runtime}: exec: "${file}": executable file not found in $PATH: unknown`;
  const missing = !statSync(file, { throwIfNoEntry: false });
  if (missing) return `${runtime}: exec: "${file}": stat ${file}: no such file or directory: unknown`;
  return `${runtime}: exec: "${file}": ${error.code === "EACCES" ? "permission denied" : error.message}: unknown`;
}
