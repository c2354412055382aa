import type { Condition } from "./condition.ts";
import { answers, currentCondition, isUnproven, missedBy, seenSlot } from "./current-condition.ts";
import type { Head, SlotRecord } from "./deployment.ts";
import { stageDone, stages } from "./observation.ts";
import type { Drift, Observed, ObservedSlot, Unseen } from "./observed.ts";
import { fillsSlot } from "./operation-kinds.ts";
import { recordedStatus } from "./recorded-status.ts";
import { servingSlot } from "./traffic.ts";
import { type Component, components, type Health, type SlotName, type SlotRole, type Status, slotNames } from "./words.ts";

/** Ready and wanted instances. */
export interface Counts {
  ready: number;
  desired: number;
}

/** A deployment's state on the wire, but for what only names things (operation, endpoint, source). */
export interface State {
  status: Status;
  condition: Condition;
  /** The stages that the current walk has passed, then the current condition. */
  conditions: Condition[];
  /** null when created or stopped. */
  health: Health | null;
  /** Of what serves; of the new slot while nothing does. */
  instances: { predictor: Counts; transformer: Counts | null };
  slots: Record<SlotName, ({ revision: number; role: SlotRole; weight: number } & Counts) | null>;
  /** What somebody has changed in the cluster behind our back; a restart puts it right. */
  drift: ({ slot: SlotName } & Drift)[];
  /** What the cluster did not let us look at: nothing of it is known. */
  unseen: Unseen[];
  revisions: { wanted: number; running: number | null };
  observed_at: string | null;
}

/** Limits after which what was seen, or not seen, counts. Seconds. */
export const stateLimits = {
  /** An observation older than this says nothing of health and readiness. */
  stale: 180,
  /** What serves may be without a ready instance for this long before its deployment has failed. */
  gone: 120,
  /** A restart counts against health for this long. */
  restart: 300,
} as const;

/** Status, condition and health, from what was decided and what was seen; none of them is stored. `now` in milliseconds. */
export function describeState(head: Head, observed: Observed | undefined, now: number, staleSeconds: number = stateLimits.stale): State {
  const fresh = observed !== undefined && now - Date.parse(observed.observed_at) <= staleSeconds * 1000;
  const serving = servingSlot(head.slots);
  const status = statusOf(head, serving, fresh ? observed : undefined, now);
  const condition = currentCondition(head, observed, fresh);
  return {
    status,
    condition,
    conditions: walked(condition, observed),
    health: healthOf(head, status, condition, serving, observed, fresh, now),
    instances: instancesOf(head, observed, serving ?? head.active_operation?.slot ?? null),
    slots: { blue: slotOf(head, observed, "blue"), green: slotOf(head, observed, "green") },
    drift: slotNames.flatMap((slot) => (seenSlot(head, observed, slot)?.drift ?? []).map((each) => ({ slot, ...each }))),
    unseen: slotNames.map((slot) => seenSlot(head, observed, slot)?.unseen ?? []).find((each) => each.length > 0) ?? [],
    revisions: { wanted: head.revisions.wanted, running: serving ? (head.slots[serving]?.revision ?? null) : null },
    observed_at: observed?.observed_at ?? null,
  };
}

function statusOf(head: Head, serving: SlotName | null, observed: Observed | undefined, now: number): Status {
  const status = recordedStatus(head);
  const seen = serving ? seenSlot(head, observed, serving) : undefined;
  if (status !== "RUNNING" || !seen) return status;
  if (!answers(seen)) return secondsBetween(seen.unready_since ?? seen.condition.at, now) > stateLimits.gone ? "FAILED" : "RUNNING";
  return seen.components.predictor?.desired === 0 ? "IDLE" : "RUNNING";
}

function healthOf(
  head: Head,
  status: Status,
  condition: Condition,
  serving: SlotName | null,
  observed: Observed | undefined,
  fresh: boolean,
  now: number,
): Health | null {
  if (serving) {
    const seen = seenSlot(head, observed, serving);
    return seen && observed && fresh ? servedHealth(head, seen, observed, now) : "unknown";
  }
  if (status === "FAILED") return "failed";
  const slot = head.active_operation?.slot;
  if (!slot || !fillsSlot(head.active_operation?.kind ?? "STOP")) return null;
  if (seenSlot(head, observed, slot) && !fresh) return "unknown";
  if (condition.status === "False") return "failed";
  return condition.type === "SCHEDULED" || condition.type === "INITIALIZED" ? "provisioning" : "starting";
}

function servedHealth(head: Head, seen: ObservedSlot, observed: Observed, now: number): Health {
  if (!answers(seen)) return "failed";
  if (isUnproven(seen)) return "unknown";
  const seenComponents = components.flatMap((component) => seen.components[component] ?? []);
  const missing = seenComponents.some(({ ready, desired }) => ready < desired);
  const restarted = seenComponents.some(({ instances }) =>
    instances.some(({ restarts, last_termination }) => restarts > 0 && secondsBetween(last_termination?.at, now) <= stateLimits.restart),
  );
  return missing || restarted || missedBy(head, seen, observed) ? "degraded" : "healthy";
}

function walked(condition: Condition, observed: Observed | undefined): Condition[] {
  const reached = stages.indexOf(condition.type);
  const passed = stages.slice(0, Math.max(0, reached)).flatMap((type) => {
    // What is ready has passed them all: those that are noted may be another slot's, which failed on its way.
    const at = observed?.passed[type] ?? (condition.status === "True" ? condition.at : undefined);
    return (at !== undefined && stageDone(type, earlier(at, condition.at))) || [];
  });
  return [...passed, condition];
}

/**
 * A stage was done before the next one began: who looks at a slot that is taken up again, ready since long ago, notes only
 * then what it has passed.
 */
const earlier = (one: string, other: string): string => (Date.parse(other) < Date.parse(one) ? other : one);

function instancesOf(head: Head, observed: Observed | undefined, slot: SlotName | null): State["instances"] {
  const record = slot ? head.slots[slot] : null;
  if (!slot || !record) return { predictor: { ready: 0, desired: 0 }, transformer: null };
  const seen = seenSlot(head, observed, slot);
  return {
    predictor: countsOf(record, seen, "predictor") ?? { ready: 0, desired: 0 },
    transformer: countsOf(record, seen, "transformer"),
  };
}

function slotOf(head: Head, observed: Observed | undefined, slot: SlotName): State["slots"][SlotName] {
  const record = head.slots[slot];
  if (!record) return null;
  const seen = seenSlot(head, observed, slot);
  const counts = components.flatMap((component) => countsOf(record, seen, component) ?? []);
  const sum = (which: keyof Counts) => counts.reduce((total, count) => total + count[which], 0);
  return { revision: record.revision, role: record.role, weight: record.weight, ready: sum("ready"), desired: sum("desired") };
}

function countsOf(record: SlotRecord, seen: ObservedSlot | undefined, component: Component): Counts | null {
  const wanted = record.desired[component];
  if (wanted === null) return null;
  const counts = seen?.components[component];
  return counts ? { ready: counts.ready, desired: counts.desired } : { ready: 0, desired: wanted };
}

/** Infinity when there is no such time: what never was is no recent event, and what is unknown is not excused. */
function secondsBetween(time: string | null | undefined, now: number): number {
  const then = Date.parse(time ?? "");
  return Number.isNaN(then) ? Number.POSITIVE_INFINITY : (now - then) / 1000;
}
