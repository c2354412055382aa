import type { Head } from "./deployment.ts";
import type { History } from "./history.ts";
import { instancesIn } from "./instance-failures.ts";
import type { Instance, Observed } from "./observed.ts";

/** Of many that leave at once, those that are named. */
const named = 10;

/** Instances that are being taken away, and were not when somebody looked before. A first look tells of none. */
export function newlyLeaving(before: Observed | undefined, after: Observed): Instance[] {
  if (!before) return [];
  const there = new Set(instancesIn(before).flatMap(({ name, phase }) => (isLeaving(phase) ? [] : [name])));
  return instancesIn(after).filter(({ name, phase }) => isLeaving(phase) && there.has(name));
}

const isLeaving = (phase: string): boolean => phase === "Terminating";

/** What the containers of instances that leave have written last. */
export interface KeptLines {
  /** By container, oldest first. */
  logs: { instance: string; container_name: string; lines: string[] }[];
  /** Where more of them lie; null when they could not be kept there. */
  evidence_key: string | null;
}

/** Says in the deployment's events once of all that leave together, with what they left. */
export function tellLeaving(history: History, head: Head, leaving: Instance[], kept: KeptLines): void {
  const instances = leaving.slice(0, named).map(({ name, component, slot, revision, node }) => ({ name, component, slot, revision, node }));
  const more = leaving.length > named ? ` and ${leaving.length - named} more` : "";
  const what = leaving.length === 1 ? "instance" : "instances";
  const message = `${what} ${instances.map(({ name }) => name).join(", ")}${more} ${leaving.length === 1 ? "is" : "are"} taken away`;
  history.add("Instances Ended", message, { revision: head.revisions.running }, { count: leaving.length, instances, ...kept });
}
