import type { Head } from "./deployment.ts";
import type { History } from "./history.ts";
import type { Instance, Observed } from "./observed.ts";
import { signalName } from "./slot-condition/termination.ts";
import { components, slotNames } from "./words.ts";

/** Phases in which nothing is wrong with an instance. */
const wellPhases: readonly string[] = ["Pending", "Running", "Succeeded", "Terminating", "Unknown"];
/** Of a container that ends again and again, these ends are told, and then each tenth. */
const endsTold = 3;

/** Instances with an end, or a loss, that had not been seen before. A first look tells of none: it does not know what is new. */
export function newFailures(before: Observed | undefined, after: Observed): Instance[] {
  if (!before) return [];
  const known = new Map(instancesIn(before).map((instance) => [instance.name, instance]));
  return instancesIn(after).filter((instance) => {
    const earlier = known.get(instance.name);
    const end = instance.last_termination;
    const isNewEnd = end !== null && end.at !== earlier?.last_termination?.at && (end.exit_code !== 0 || instance.restarts > 0);
    const isLost = !wellPhases.includes(instance.phase) && instance.phase !== earlier?.phase;
    return isLost || (isNewEnd && isToldOf(earlier?.restarts ?? 0, instance.restarts));
  });
}

const isToldOf = (before: number, now: number): boolean => before < endsTold || Math.floor(before / 10) < Math.floor(now / 10);

/** Of all slots and components. */
export const instancesIn = ({ slots }: Observed): Instance[] =>
  slotNames.flatMap((slot) => components.flatMap((component) => slots[slot]?.components[component]?.instances ?? []));

export interface KeptEnd {
  container_name: string;
  /** The last lines that it wrote, oldest first. */
  log: string[];
  /** Where more of them lie; null when they could not be kept there. */
  evidence_key: string | null;
}

/** Says in the deployment's events what became of an instance, with what it left. */
export function tellFailure(history: History, head: Head, instance: Instance, kept: KeptEnd | undefined): void {
  const { name, component, slot, revision, phase, node, restarts, last_termination: end } = instance;
  const what = `${component} of revision ${revision} (${slot}): instance ${name}`;
  const told = { revision, slot, component, instance: name, phase, node, restarts, termination: end, ...kept };
  const message = wellPhases.includes(phase) ? `${what} ended: ${endWords(instance)}` : `${what} was lost: ${phase}`;
  history.add("Instance Failed", message, { revision: head.revisions.running }, told);
}

function endWords({ last_termination: end, restarts }: Instance): string {
  if (!end) return "for no reason that is known";
  const signal = signalName(end.signal);
  const times = restarts > 0 ? `, restarted ${restarts === 1 ? "once" : `${restarts} times`}` : "";
  const said = end.message ? `: ${end.message}` : "";
  return `${end.reason}, exit code ${end.exit_code}${signal ? ` (${signal})` : ""}${times}${said}`;
}
