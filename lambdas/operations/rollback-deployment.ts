import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { ActiveOperation } from "../../domain/operation.ts";
import { fillsSlot } from "../../domain/operation-kinds.ts";
import { isKept, servingSlot } from "../../domain/traffic.ts";
import { allowedActions } from "../../domain/transitions.ts";
import { type SlotName, slotNames } from "../../domain/words.ts";
import { abortRunning } from "./abort-running.ts";
import { beginOnStoredRevision } from "./begin-on-stored-revision.ts";
import type { Caller } from "./caller.ts";
import type { Begun } from "./carry-out.ts";
import type { Repeatable } from "./idempotency.ts";
import type { Changing } from "./installation.ts";
import { type ChangeRequest, type Loaded, loadForChange } from "./load-for-change.ts";
import { beginOnMadeRevision, type MadeRevision, madeForVersion, revisionWithVersion } from "./model-version-rollback.ts";
import { againWhenOvertaken, overtakenWhenStale } from "./overtaken.ts";

/** Where to go back to: one of the two, or neither, which is the last that served. */
export interface RollbackTarget {
  revision?: number | undefined;
  model_version?: number | undefined;
}

/**
 * Back to an earlier revision, or to a model version, for which one is made where there is none; without a bake: in seconds where it is still warm, else by bringing it up again. A
 * rollout under way is aborted first; then "the last that served" is what serves, and everything goes back to it.
 */
export function rollBackDeployment(
  ports: Changing,
  caller: Caller,
  request: ChangeRequest & { target: RollbackTarget },
  repeatable?: Repeatable,
): Promise<Begun> {
  return againWhenOvertaken(ports.clock, async () => {
    const loaded = await loadForChange(ports, caller, request, "rollback");
    const { head } = loaded;
    const goal = await goalOf(ports, caller, loaded, request.target);
    const idle = await overtakenWhenStale(() => abortRunning(ports, caller, head));
    if (typeof goal !== "number") return beginOnMadeRevision(ports, caller, idle, goal, repeatable);
    const revision = goal;
    const runs_in = slotOf(idle, revision, ports.clock.now());
    return beginOnStoredRevision(ports, caller, idle, { kind: "ROLLBACK", revision, ...(runs_in && { runs_in }) }, repeatable);
  });
}

/** A revision that is there, or one that is to be made: of a version that none of them has. */
async function goalOf(ports: Changing, caller: Caller, loaded: Loaded, target: RollbackTarget): Promise<number | MadeRevision> {
  const { head } = loaded;
  const { running } = head.revisions;
  const { model_version: version } = target;
  const wanted = version === undefined ? await wantedOf(ports, head, target) : await revisionWithVersion(ports, head, version);
  if (wanted === undefined) return madeForVersion(ports, caller, head, version as number);
  if (wanted === running && !isRollingOut(head)) {
    throw impossible(head, target, `revision ${wanted} is what runs. Restart it to replace its instances`);
  }
  const operation = head.active_operation;
  if (operation && fillsSlot(operation.kind) && operation.revision === wanted && !serves(head, wanted)) throw onItsWay(loaded, operation);
  return wanted;
}

/** Also what a rollout has just moved all of the traffic to: to go back to that is to leave it there. */
function serves({ slots, revisions }: Head, revision: number): boolean {
  const serving = servingSlot(slots);
  return revisions.running === revision || (serving !== null && slots[serving]?.revision === revision);
}

/** To begin it anew would lose what it has done, and the bake that it was to be judged by. */
function onItsWay({ head, status }: Loaded, { id, kind, revision }: ActiveOperation): Problem {
  const detail = `revision ${revision} of ${head.id} is on its way already, by ${kind} ${id}. Wait for it, promote it to skip the rest of a bake, or abort it`;
  return new Problem("operation-in-progress", detail, { members: { operation_id: id, status, allowed: allowedActions(status, head) } });
}

/** A smoke test of what serves is ended too, but there is nothing to go back from. */
const isRollingOut = ({ active_operation: operation }: Head): boolean => operation !== null && fillsSlot(operation.kind);

async function wantedOf({ record }: Changing, head: Head, target: RollbackTarget): Promise<number> {
  const { running, served } = head.revisions;
  if (target.revision !== undefined) {
    if (await record.revision(head.uid, target.revision)) return target.revision;
    throw impossible(head, target, `there is no revision ${target.revision}; the newest is ${head.revisions.latest}`);
  }
  const last = isRollingOut(head) && running !== null ? running : served.find((revision) => revision !== running);
  if (last === undefined) throw impossible(head, target, "no other revision has served yet: give the one to go to");
  return last;
}

/** Where the revision is up already: serving when a rollout was just aborted, or kept warm. */
function slotOf(head: Head, revision: number, now: number): SlotName | undefined {
  const serving = servingSlot(head.slots);
  if (serving && head.slots[serving]?.revision === revision) return serving;
  return slotNames.find((slot) => head.slots[slot]?.revision === revision && isKept(head.slots[slot], now));
}

function impossible({ id }: Head, given: RollbackTarget, message: string): Problem {
  const path = given.model_version === undefined ? "revision" : "model_version";
  const value = given.revision ?? given.model_version ?? null;
  return new Problem("invalid-input", `${id} cannot be rolled back: ${message}`, { errors: [{ path, message, given: value }] });
}
