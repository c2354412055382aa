import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** Processes of containers, kept on disk: whoever starts after a crash ends what was left running. */
export class ProcessLedger {
  readonly #database: DatabaseSync;
  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec("CREATE TABLE IF NOT EXISTS processes (pid INTEGER PRIMARY KEY, started TEXT NOT NULL)");
  }

  add(pid: number): void {
    const started = readStat(pid)?.started;
    if (started) this.#database.prepare("INSERT OR REPLACE INTO processes VALUES (?, ?)").run(pid, started);
  }

  remove(pid: number): void {
    this.#database.prepare("DELETE FROM processes WHERE pid = ?").run(pid);
  }

  /** Kills all processes of the sessions that a former run began. A pid that now belongs to somebody else is left alone. */
  endLeftovers(): void {
    const recorded = this.#database.prepare("SELECT pid, started FROM processes").all() as { pid: number; started: string }[];
    if (recorded.length === 0) return;
    for (const stat of allProcesses()) {
      const leader = recorded.find((row) => row.pid === stat.session);
      if (!leader || BigInt(stat.started) < BigInt(leader.started)) continue;
      if (stat.pid === leader.pid && stat.started !== leader.started) continue;
      try {
        process.kill(stat.pid, "SIGKILL");
      } catch {
        // It has ended by itself meanwhile.
      }
    }
    this.#database.exec("DELETE FROM processes");
  }
}

interface ProcessStat {
  pid: number;
  session: number;
  /** Clock ticks from the machine's start to the process's. */
  started: string;
}

export function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command's name may hold spaces and parentheses: fields count from after the last one.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { pid, session: Number(fields[3]), started: fields[19] as string };
  } catch {
    return undefined;
  }
}

function allProcesses(): ProcessStat[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined);
}
