import { promote } from "../../domain/annotations.ts";
import { cleanUpOf } from "../../domain/clean-up.ts";
import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { Operation } from "../../domain/operation.ts";
import { bakeStep } from "../../domain/rollout-plan.ts";
import { abortRunning } from "./abort-running.ts";
import { type Caller, requireRole } from "./caller.ts";
import { type Changing, timestamp } from "./installation.ts";
import { againWhenOvertaken, overtakenWhenStale } from "./overtaken.ts";
import { getOperation } from "./wait-for-operation.ts";

/**
 * Ends an operation, at whatever step it is; what served before it began serves on. One that was aborted already is what
 * was asked for.
 */
export function abortOperation(ports: Changing, caller: Caller, id: string): Promise<Operation> {
  return againWhenOvertaken(ports.clock, async () => {
    const found = await getOperation(ports, caller, id, 0);
    requireRole(caller, found.group, "member");
    if (found.outcome === "CANCELLED") return found;
    const head = await steered(ports, caller, id, "aborted");
    const after = await overtakenWhenStale(() => abortRunning(ports, caller, head));
    await cleanUp(ports, after);
    return getOperation(ports, caller, id, 0);
  });
}

/** Moves the traffic back and removes what the operation brought up. Where it cannot be started now, sync does it. */
async function cleanUp({ workflows, log }: Changing, head: Head): Promise<void> {
  try {
    await workflows.start("shutdown", cleanUpOf(head, 0));
  } catch (error) {
    log.warn(`what was left of deployment ${head.id} could not be cleaned up now; sync will have it done`, error as Error);
  }
}

/** Ends the time in which a rollout judges, or the wait for this very word. */
export function promoteOperation(ports: Changing, caller: Caller, id: string): Promise<Operation> {
  return againWhenOvertaken(ports.clock, async () => {
    const head = await steered(ports, caller, id, "promoted");
    const step = head.active_operation?.step ?? null;
    if (step !== bakeStep) throw nothingWaits(id, step);
    await ports.record.annotate(promote(head, { actor: caller.actor, at: timestamp(ports.clock) }));
    return getOperation(ports, caller, id, 0);
  });
}

/** HEAD with the operation under way; who may not change its deployment, and an operation that is over, are refused. */
async function steered(ports: Changing, caller: Caller, id: string, done: string): Promise<Head> {
  const operation = await getOperation(ports, caller, id, 0);
  requireRole(caller, operation.group, "member");
  const head = await ports.record.head(operation.uid);
  if (head && head.active_operation?.id === id) return head;
  const members = { outcome: operation.outcome, allowed: [] };
  const detail = `operation ${id} cannot be ${done}: it ended as ${operation.outcome ?? "the deployment moved on"} at ${operation.ended_at ?? "an unknown time"}`;
  throw new Problem("not-allowed-in-status", detail, { members });
}

function nothingWaits(id: string, step: string | null): Problem {
  const where = step === null ? "its first step has not begun" : `it is at the step ${step}`;
  return new Problem("not-allowed-in-status", `operation ${id} waits for nobody: ${where}. It can be promoted while it bakes`, {
    members: { step, allowed: ["abort"] },
  });
}
