import { abortRunning } from "./abort-running.ts";
import { beginOnStoredRevision } from "./begin-on-stored-revision.ts";
import type { Caller } from "./caller.ts";
import type { Begun } from "./carry-out.ts";
import type { Occasion } from "./idempotency.ts";
import type { Changing } from "./installation.ts";
import { type ChangeRequest, loadForChange } from "./load-for-change.ts";
import { againWhenOvertaken, overtakenWhenStale } from "./overtaken.ts";

/**
 * Rolls out again what has the traffic: new instances of the same revision, and traffic to them once they are ready. A
 * rollout under way is aborted first, and its revision is the one only where nothing else has served, or does any more.
 */
export function restartDeployment(ports: Changing, caller: Caller, request: ChangeRequest, occasion?: Occasion): Promise<Begun> {
  return againWhenOvertaken(ports.clock, async () => {
    const { head } = await loadForChange(ports, caller, request, "restart");
    const idle = await overtakenWhenStale(() => abortRunning(ports, caller, head));
    const revision = idle.revisions.running ?? idle.revisions.wanted;
    return beginOnStoredRevision(ports, caller, idle, { kind: "RESTART", revision }, occasion);
  });
}
