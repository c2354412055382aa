import { readdirSync, readFileSync } from "node:fs";
import { type Measure, median, printMeasures, rounded } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";

const seconds = 60;
const limits = { megabytes: 600, percent: 3 };
/** Of /proc/<pid>/stat. */
const ticksPerSecond = 100;

interface Process {
  pid: number;
  parent: number;
  command: string;
  megabytes: number;
  /** User and system time so far. */
  cpuSeconds: number;
}

/** What the local system takes while nobody asks it anything, from the moment the sample answers. */
export async function measureIdle(): Promise<void> {
  const data = makeFolder();
  const system = await RunningSystem.start(["--data", data]);
  try {
    await system.sampleIsSettled();
    const seen = [ownProcesses(system.pid)];
    for (let second = 0; second < seconds; second++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      seen.push(ownProcesses(system.pid));
    }
    printMeasures(`Idle for ${seconds} s after the sample was deployed, without model servers`, measures(seen));
  } finally {
    await system.stop();
    removeFolder(data);
  }
}

function measures(seen: Process[][]): Measure[] {
  const memory = seen.map((processes) => sum(processes.map(({ megabytes }) => megabytes)));
  const [first = [], last = []] = [seen[0], seen.at(-1)];
  const cpu = sum(last.map(({ cpuSeconds }) => cpuSeconds)) - sum(first.map(({ cpuSeconds }) => cpuSeconds));
  const parts = last.map(({ command, megabytes }) => `${command} ${megabytes.toFixed(0)}`).join(", ");
  return [
    { what: "memory, at most", value: Math.max(...memory), limit: limits.megabytes, unit: "MB" },
    { what: "memory, median", value: median(memory), limit: limits.megabytes, unit: "MB" },
    { what: "memory, at the end", value: memory.at(-1) ?? 0, limit: limits.megabytes, unit: "MB", note: parts },
    { what: "processor", value: (cpu / seconds) * 100, limit: limits.percent, unit: "%", note: `${rounded(cpu)} s of one core` },
  ];
}

/** The command and everything below it but the containers: npm, the launcher, the system and its database engine. */
function ownProcesses(pid: number): Process[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)));
  const below = (parent: Process): Process[] => [
    parent,
    ...all.filter((child) => child.parent === parent.pid && isOwn(child, parent)).flatMap(below),
  ];
  return all.filter((process) => process.pid === pid).flatMap(below);
}

const isOwn = (child: Process, parent: Process): boolean => parent.command !== "local/main.ts" || child.command === "dynoxide";

function readProcess(pid: number): Process[] {
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

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
