import { type OwnProcess, ownProcesses } from "./own-processes.ts";
import { type Measure, median, printMeasures, rounded } from "./report.ts";
import { makeFolder, RunningSystem, removeFolder } from "./running-system.ts";

const seconds = 60;
const limits = { megabytes: 600, percent: 3 };

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

function measures(seen: OwnProcess[][]): Measure[] {
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

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
