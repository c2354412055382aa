import { readFileSync } from "node:fs";
import type { Registry } from "../api/registry.ts";
import type { CpuUtilization } from "../controllers/cpu-scaling.ts";
import { podAmounts } from "../objects/pod-resources.ts";
import { isReady, type Pod } from "../objects/workloads.ts";
import type { Kubelet } from "./kubelet.ts";
import { processTree } from "./memory-watch.ts";

const ticksPerSecond = 100;
/** Two looks closer together than this say too little. */
const shortestWindow = 1000;

interface Sample {
  at: number;
  ticks: number;
  /** Over the window that ended with this sample; undefined for the first. */
  cores?: number;
}

/** Measures what the processes of pods use between two looks: stands for metrics-server. */
export function cpuUtilization(registry: Registry, kubelet: Kubelet): CpuUtilization {
  const samples = new Map<string, Sample>();
  return (deployment) => {
    const pods = registry.podsOf(deployment.metadata.namespace ?? "", deployment.spec.selector).filter(isReady);
    const measured = pods.map((pod) => measure(pod, kubelet, samples)).filter((pod) => pod !== undefined);
    const requested = measured.reduce((sum, pod) => sum + pod.requested, 0);
    if (measured.length === 0 || requested === 0) return undefined;
    return { ratio: measured.reduce((sum, pod) => sum + pod.cores, 0) / requested, pods: measured.length };
  };
}

function measure(pod: Pod, kubelet: Kubelet, samples: Map<string, Sample>): { cores: number; requested: number } | undefined {
  const requested = podAmounts(pod.spec, "requests").cpu ?? 0;
  const before = samples.get(pod.metadata.uid);
  const at = Date.now();
  if (before && at - before.at < shortestWindow) return before.cores === undefined ? undefined : { cores: before.cores, requested };
  const ticks = kubelet
    .processesOf(pod.metadata.uid)
    .flatMap(processTree)
    .reduce((sum, pid) => sum + ticksOf(pid), 0);
  const cores = before && ticks >= before.ticks ? (ticks - before.ticks) / ticksPerSecond / ((at - before.at) / 1000) : undefined;
  samples.set(pod.metadata.uid, { at, ticks, ...(cores !== undefined && { cores }) });
  return cores === undefined ? undefined : { cores, requested };
}

/** User and system time of a process, in clock ticks. */
function ticksOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    // The process has ended between two looks.
    return 0;
  }
}
