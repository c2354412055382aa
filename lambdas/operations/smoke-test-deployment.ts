import { beginOnStoredRevision } from "./begin-on-stored-revision.ts";
import type { Caller } from "./caller.ts";
import type { Begun } from "./carry-out.ts";
import type { Repeatable } from "./idempotency.ts";
import type { Changing } from "./installation.ts";
import { type ChangeRequest, loadForChange } from "./load-for-change.ts";
import { againWhenOvertaken } from "./overtaken.ts";

/** Longer than the verification workflow may take. */
const deadlineSeconds = 1320;

/** Sends what serves the smoke tests of its revision. Changes nothing of it, whatever comes out. */
export function smokeTestDeployment(ports: Changing, caller: Caller, request: ChangeRequest, repeatable?: Repeatable): Promise<Begun> {
  return againWhenOvertaken(ports.clock, async () => {
    const { head } = await loadForChange(ports, caller, request, "smoke-test");
    const revision = head.revisions.running;
    if (revision === null) throw new Error(`deployment ${head.uid} is RUNNING and no revision of it runs`);
    return beginOnStoredRevision(ports, caller, head, { kind: "SMOKE_TEST", revision, deadline_seconds: deadlineSeconds }, repeatable);
  });
}
