import { beginOnStoredRevision } from "./begin-on-stored-revision.ts";
import type { Caller } from "./caller.ts";
import type { Begun } from "./carry-out.ts";
import type { Repeatable } from "./idempotency.ts";
import type { Changing } from "./installation.ts";
import { type ChangeRequest, loadForChange } from "./load-for-change.ts";
import { againWhenOvertaken } from "./overtaken.ts";

/** Rolls out again what runs: new instances of the same revision, and traffic to them once they are ready. */
export function restartDeployment(ports: Changing, caller: Caller, request: ChangeRequest, repeatable?: Repeatable): Promise<Begun> {
  return againWhenOvertaken(ports.clock, async () => {
    const { head } = await loadForChange(ports, caller, request, "restart");
    const revision = head.revisions.running ?? head.revisions.wanted;
    return beginOnStoredRevision(ports, caller, head, { kind: "RESTART", revision }, repeatable);
  });
}
