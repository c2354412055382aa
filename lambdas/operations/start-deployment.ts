import { beginOnStoredRevision } from "./begin-on-stored-revision.ts";
import type { Caller } from "./caller.ts";
import type { Begun } from "./carry-out.ts";
import type { Repeatable } from "./idempotency.ts";
import type { Changing } from "./installation.ts";
import { type ChangeRequest, loadForChange } from "./load-for-change.ts";
import { againWhenOvertaken } from "./overtaken.ts";

/** Rolls out the wanted revision of a deployment that serves nothing. */
export function startDeployment(ports: Changing, caller: Caller, request: ChangeRequest, repeatable?: Repeatable): Promise<Begun> {
  return againWhenOvertaken(ports.clock, async () => {
    const { head } = await loadForChange(ports, caller, request, "start");
    return beginOnStoredRevision(ports, caller, head, { kind: "START", revision: head.revisions.wanted }, repeatable);
  });
}
