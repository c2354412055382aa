import type { ContainerStateTerminated } from "kubernetes-types/core/v1.d.ts";
import { type ContainerRun, fieldPath } from "./container-state.ts";
import { pause, syncRetry } from "./node-parts.ts";
import type { PodRun } from "./pod-run.ts";

const first = 10_000;
const longest = 300_000;

/** Pauses between restarts: none before the first, then 10 s doubling to 5 min; forgotten after 10 min of running. */
export class CrashBackOff {
  #next = 0;

  /** Milliseconds to wait after a run that lasted `ran` milliseconds. */
  after(ran: number): number {
    if (ran > 2 * longest) this.#next = 0;
    const wait = this.#next;
    this.#next = wait === 0 ? first : Math.min(wait * 2, longest);
    return wait;
  }
}

/** False when the pod ended meanwhile. */
export async function waitForRestart(
  run: PodRun,
  container: ContainerRun,
  ended: ContainerStateTerminated,
  wait: number,
): Promise<boolean> {
  if (wait === 0) return !run.stopping.aborted;
  const { name, namespace, uid } = run.meta;
  const { backOffFactor, events } = run.node;
  events.warning(
    run.pod,
    "BackOff",
    `Back-off restarting failed container ${container.spec.name} in pod ${name}_${namespace}(${uid})`,
    fieldPath(container),
  );
  // The back-off shows only when the kubelet looks again: a short one never does.
  const unseen = Math.min(wait, syncRetry);
  if (!(await pause(unseen * backOffFactor, run.stopping))) return false;
  if (wait <= unseen) return true;
  const message = `back-off ${durationText(wait)} restarting failed container=${container.spec.name} pod=${name}_${namespace}(${uid})`;
  Object.assign(container.status, { state: { waiting: { reason: "CrashLoopBackOff", message } }, lastState: { terminated: ended } });
  run.publish();
  return pause((wait - unseen) * backOffFactor, run.stopping);
}

function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
