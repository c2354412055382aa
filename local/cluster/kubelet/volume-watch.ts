import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseQuantity } from "../objects/quantity.ts";
import type { PodRun } from "./pod-run.ts";
import { volumeFolder } from "./volumes.ts";

/** The kubelet looks every ten seconds. */
const interval = 2_000;

/** Evicts a pod when one of its empty volumes on disk holds more than its `sizeLimit`. Gives what ends the watch. */
export function watchVolumes(run: PodRun): () => void {
  const limited = (run.pod.spec.volumes ?? []).filter(({ emptyDir }) => emptyDir?.sizeLimit !== undefined && emptyDir.medium !== "Memory");
  if (limited.length === 0) return () => undefined;
  const timer = setInterval(() => {
    const full = limited.find(
      ({ name, emptyDir }) => sizeOf(volumeFolder(run.folder, name)) > parseQuantity(emptyDir?.sizeLimit as string),
    );
    if (!full) return;
    clearInterval(timer);
    run.evict(`Usage of EmptyDir volume "${full.name}" exceeds the limit "${full.emptyDir?.sizeLimit}". `);
  }, interval);
  return () => clearInterval(timer);
}

function sizeOf(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      const path = join(folder, entry.name);
      return sum + (entry.isDirectory() ? sizeOf(path) : (statSync(path, { throwIfNoEntry: false })?.size ?? 0));
    }, 0);
  } catch {
    // The pod has just ended and its folder with it.
    return 0;
  }
}
