import { readFileSync } from "node:fs";

const interval = 1000;
const pageSize = 4096;

interface Watched {
  pid: number;
  limit: number;
  onExceeded: () => void;
}

/** Looks once a second at the memory of containers that have a limit; runs only while there are any. */
export class MemoryWatch {
  readonly #watched = new Map<number, Watched>();
  #timer: NodeJS.Timeout | undefined;

  /** `limit` in bytes. `onExceeded` is called once. */
  add(pid: number, limit: number, onExceeded: () => void): void {
    this.#watched.set(pid, { pid, limit, onExceeded });
    this.#timer ??= setInterval(() => this.#look(), interval);
  }

  remove(pid: number): void {
    this.#watched.delete(pid);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    for (const { pid, limit, onExceeded } of [...this.#watched.values()]) {
      if (anonymousBytes(pid) <= limit) continue;
      this.remove(pid);
      onExceeded();
    }
  }
}

/** Resident memory of a process and its descendants that is not backed by files, as a cgroup would have to keep it. */
export function anonymousBytes(pid: number): number {
  return processTree(pid).reduce((sum, member) => sum + ownAnonymousBytes(member), 0);
}

function ownAnonymousBytes(pid: number): number {
  const [, resident = 0, shared = 0] = readOrEmpty(`/proc/${pid}/statm`).split(" ").map(Number);
  return (resident - shared) * pageSize;
}

export function processTree(pid: number): number[] {
  const children = readOrEmpty(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(processTree)];
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    // The process has ended between two looks.
    return "";
  }
}
