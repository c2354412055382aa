import { readdirSync, readFileSync } from "node:fs";

/** Of /proc/<pid>/stat. */
const ticksPerSecond = 100;

export interface OwnProcess {
  pid: number;
  parent: number;
  command: string;
  megabytes: number;
  /** User and system time so far. */
  cpuSeconds: number;
}

/** The command and everything below it but the containers: npm, the launcher, the system and its database engine. */
export function ownProcesses(pid: number): OwnProcess[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)));
  const below = (parent: OwnProcess): OwnProcess[] => [
    parent,
    ...all.filter((child) => child.parent === parent.pid && isOwn(child, parent)).flatMap(below),
  ];
  return all.filter((process) => process.pid === pid).flatMap(below);
}

const isOwn = (child: OwnProcess, parent: OwnProcess): boolean => parent.command !== "local/main.ts" || child.command === "dynoxide";

function readProcess(pid: number): OwnProcess[] {
  try {
    // The name in brackets may hold anything, blanks too.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    return [{ pid, parent: Number(fields[1]), command: commandOf(pid), megabytes: Number(resident) / 1024, cpuSeconds }];
  } catch {
    return []; // ended meanwhile
  }
}

/** A short name: the script that Node runs, or the program. */
function commandOf(pid: number): string {
  const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
  const script = words.slice(1).find((word) => /\.(ts|mjs|js)$/.test(word));
  return (script ?? words[0] ?? "")
    .replace(/ .*/s, "")
    .replace(/^.*\/(?=[^/]+$)/, (folder) => (script?.startsWith("local/") ? folder : ""));
}
