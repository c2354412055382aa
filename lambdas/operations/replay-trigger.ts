import { Problem } from "../../domain/errors.ts";
import type { Trigger } from "../../domain/trigger.ts";
import { type Caller, maySee, requireRole } from "./caller.ts";
import { handleTrigger, type Taking } from "./take-trigger.ts";

/** Looks at a trigger once more, as when it came in. What it has done already it does not do again. */
export async function replayTrigger(ports: Taking, caller: Caller, id: string): Promise<Trigger> {
  const trigger = await ports.triggers.trigger(id);
  const isVisible = trigger && (trigger.group === null ? caller.platformAdmin : maySee(caller, trigger.group));
  if (!trigger || !isVisible)
    throw new Problem("not-found", `there is no trigger ${id}, or you may not see it. GET /v1/triggers lists those that you may`);
  if (trigger.group !== null) requireRole(caller, trigger.group, "member");
  return handleTrigger(ports, trigger);
}
