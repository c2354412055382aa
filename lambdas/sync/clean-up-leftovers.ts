import { cleanUpOf } from "../../domain/clean-up.ts";
import type { Head } from "../../domain/deployment.ts";
import { saysAsRecorded } from "../../domain/manifests/route.ts";
import { isHeld } from "../../domain/manifests/scaler.ts";
import { isOf } from "../../domain/names.ts";
import { isKept } from "../../domain/traffic.ts";
import { slotNames } from "../../domain/words.ts";
import { attemptOf, attemptsUsed, isAmong } from "../rollout/attempts.ts";
import type { Leftovers } from "./look-at-cluster.ts";
import { forEach, type SyncPorts } from "./sync-ports.ts";

/** A clean-up that failed is tried again so often, under another name. */
const attemptMilliseconds = 10 * 60_000;

/**
 * An operation that was aborted or swept leaves what it had made, and a warm slot's time ends: slots that serve nothing, objects that no slot names,
 * a route that says something else than the record. Sync may not write to the cluster; the shutdown workflow may.
 */
export async function cleanUpLeftovers(heads: Head[], left: Leftovers, ports: SyncPorts): Promise<void> {
  await forEach(
    heads,
    ({ id }) => `what was left of deployment ${id}`,
    ports.log,
    async (head) => {
      if (head.active_operation || !hasLeftovers(head, left, ports.clock.now())) return;
      const now = await ports.record.head(head.uid);
      if (!now || now.active_operation || now.epoch !== head.epoch) return;
      await ports.workflows.start("shutdown", cleanUpOf(head, Math.floor(ports.clock.now() / attemptMilliseconds)));
    },
  );
}

function hasLeftovers(head: Head, left: Leftovers, now: number): boolean {
  const idleSlot = slotNames.some((slot) => head.slots[slot] && !isKept(head.slots[slot], now));
  return idleSlot || strayObjects(head, left, now) || strayRoute(head, left) || heldInVain(head, left, now);
}

function strayObjects(head: Head, { deployments, services, scalers, budgets }: Leftovers, now: number): boolean {
  const serving = attemptsUsed(head, [], head.slots, now);
  const own = [...deployments, ...services, ...scalers, ...budgets].filter(isOf(head));
  return own.some((object) => !object.metadata.deletionTimestamp && !isAmong(serving, attemptOf(object)));
}

/** What serves alone finds its own size again: an operation that could not let it go has ended. */
function heldInVain(head: Head, { scalers }: Leftovers, now: number): boolean {
  return attemptsUsed(head, [], head.slots, now).length === 1 && scalers.filter(isOf(head)).some(isHeld);
}

function strayRoute(head: Head, { routes }: Leftovers): boolean {
  const route = routes.find(isOf(head));
  return route !== undefined && (head.deleted_at !== null || !saysAsRecorded(route, head));
}
