import { abortRunning } from "./abort-running.ts";
import { beginOnStoredRevision } from "./begin-on-stored-revision.ts";
import type { Caller } from "./caller.ts";
import type { Begun } from "./carry-out.ts";
import type { Occasion } from "./idempotency.ts";
import type { Changing } from "./installation.ts";
import { type ChangeRequest, loadForChange } from "./load-for-change.ts";
import { againWhenOvertaken, overtakenWhenStale } from "./overtaken.ts";

/** Rolls out the wanted revision of a deployment that serves nothing. A test of what was lost is aborted first. */
export function startDeployment(ports: Changing, caller: Caller, request: ChangeRequest, occasion?: Occasion): Promise<Begun> {
  return againWhenOvertaken(ports.clock, async () => {
    const { head } = await loadForChange(ports, caller, request, "start");
    const idle = await overtakenWhenStale(() => abortRunning(ports, caller, head));
    return beginOnStoredRevision(ports, caller, idle, { kind: "START", revision: idle.revisions.wanted }, occasion);
  });
}
