import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTimeOf } from "./process-identity.ts";

interface Recorded {
  pid: number;
  started: string;
  name: string;
}

/** Child processes of this run by id and start time, on disk, so that the run after a `kill -9` can end what it left. */
export class ChildRegister {
  private readonly file: string;
  private recorded: Recorded[] = [];

  constructor(folder: string) {
    this.file = join(folder, "children.json");
  }

  /** Ends the children that an earlier run left behind; gives their names. */
  endOrphans(): string[] {
    const orphans = this.read().filter(({ pid, started }) => startTimeOf(pid) === started);
    for (const { pid } of orphans) process.kill(pid, "SIGKILL");
    this.write();
    return orphans.map(({ name, pid }) => `${name} (${pid})`);
  }

  /** Gives the function that takes the child off the register again. */
  add(pid: number | undefined, name: string): () => void {
    const started = pid === undefined ? null : startTimeOf(pid);
    if (pid === undefined || started === null) return () => {};
    const entry = { pid, started, name };
    this.recorded.push(entry);
    this.write();
    return () => {
      this.recorded = this.recorded.filter((other) => other !== entry);
      this.write();
    };
  }

  private read(): Recorded[] {
    try {
      return JSON.parse(readFileSync(this.file, "utf8")) as Recorded[];
    } catch {
      return [];
    }
  }

  private write(): void {
    writeFileSync(this.file, JSON.stringify(this.recorded));
  }
}
