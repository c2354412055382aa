import { refuse } from "../../domain/transitions.ts";
import { abortRunning } from "./abort-running.ts";
import { beginOnStoredRevision } from "./begin-on-stored-revision.ts";
import type { Caller } from "./caller.ts";
import type { Begun } from "./carry-out.ts";
import type { Repeatable } from "./idempotency.ts";
import type { Changing } from "./installation.ts";
import { type ChangeRequest, type Loaded, loadAnyway } from "./load-for-change.ts";
import { againWhenOvertaken, overtakenWhenStale } from "./overtaken.ts";

/** Takes the route away and removes what runs. An operation under way is aborted first. */
export function stopDeployment(ports: Changing, caller: Caller, request: ChangeRequest, repeatable?: Repeatable): Promise<Begun> {
  return shutDown(ports, caller, request, "STOP", repeatable);
}

/** STOP and DELETE: whatever runs gives way, except another shutdown that already does what is asked. */
export function shutDown(
  ports: Changing,
  caller: Caller,
  request: ChangeRequest,
  kind: "STOP" | "DELETE",
  repeatable: Repeatable | undefined,
  check: (loaded: Loaded) => void = () => {},
): Promise<Begun> {
  let { known } = request;
  return againWhenOvertaken(ports.clock, async () => {
    const loaded = await loadAnyway(ports, caller, { ...request, known });
    known = undefined;
    check(loaded);
    const { head, status } = loaded;
    const problem = refuse(kind === "STOP" ? "stop" : "delete", status, head);
    if (problem) throw problem;
    const idle = await overtakenWhenStale(() => abortRunning(ports, caller, head));
    const revision = idle.revisions.wanted;
    return beginOnStoredRevision(ports, caller, idle, { kind, revision }, repeatable);
  });
}
