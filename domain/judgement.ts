import type { SlotRecord } from "./deployment.ts";
import type { Judgement } from "./evidence.ts";
import type { ObservedSlot } from "./observed.ts";
import type { SlotFigures } from "./slot-figures.ts";
import type { RolloutPolicy } from "./specification.ts";
import { beyondLimits, hasLimits } from "./traffic-limits.ts";
import { components } from "./words.ts";

/** What is known of a slot that has a part of the traffic. */
export interface Evidence {
  record: SlotRecord;
  seen: ObservedSlot;
  /** Restarts that its instances had when the bake began. */
  restarts_before: number;
  /** Since when fewer instances are ready than it was provisioned with; null while none is missing. Milliseconds. */
  short_since: number | null;
  /** Since the bake began; undefined where the gateway tells none. */
  figures: SlotFigures | undefined;
  /** By name; null where there is no such alarm. */
  alarms: Record<string, "OK" | "ALARM" | "INSUFFICIENT_DATA" | null>;
  /** The first of the repeated smoke tests that failed. */
  smoke_test_failure: string | undefined;
}

/** An instance may be lost for so long, in milliseconds, to a node or to an eviction; all of them, never. */
const shortMilliseconds = 15_000;

/** Whether a slot does well with the traffic that it has. The first fault in the order of this list is the cause. */
export function judge(evidence: Evidence, policy: RolloutPolicy["auto_rollback"], now: number): Judgement {
  const { record, figures } = evidence;
  const fault = faultIn(evidence, policy, now);
  const [ready, desired] = [total(evidence, "ready"), total(evidence, "desired")];
  return {
    at: new Date(now).toISOString(),
    weight: record.weight,
    passed: fault === undefined,
    reason: fault?.reason ?? null,
    requests: figures?.requests ?? null,
    error_rate_percent: figures ? rounded(figures.error_rate_percent) : null,
    latency_p95_ms: figures?.latency_p95_ms == null ? null : rounded(figures.latency_p95_ms),
    restarts: restartsOf(evidence.seen) - evidence.restarts_before,
    ready,
    desired,
    alarms: alarming(evidence),
    message: fault?.message ?? notJudged(figures, policy),
  };
}

export function restartsOf({ components: seen }: ObservedSlot): number {
  return components.flatMap((component) => seen[component]?.instances ?? []).reduce((sum, { restarts }) => sum + restarts, 0);
}

/** Whether the slot has fewer instances ready than it was provisioned with. */
export function isShort({ desired }: SlotRecord, { components: seen }: ObservedSlot): boolean {
  return components.some((component) => (seen[component]?.ready ?? 0) < (desired[component] ?? 0));
}

interface Fault {
  reason: string;
  message: string;
}

function faultIn(evidence: Evidence, policy: RolloutPolicy["auto_rollback"], now: number): Fault | undefined {
  return (
    restarted(evidence) ??
    short(evidence, now) ??
    smokeTestFailed(evidence) ??
    (policy && evidence.figures ? beyondLimits(evidence.figures, policy) : undefined) ??
    alarmed(evidence)
  );
}

function restarted({ record, seen, restarts_before }: Evidence): Fault | undefined {
  const restarts = restartsOf(seen) - restarts_before;
  if (restarts <= 0) return undefined;
  const last = components.flatMap((component) => seen.components[component]?.instances ?? []).find(({ last_termination: end }) => end);
  const end = last?.last_termination;
  const whose = record.desired.transformer === null ? "" : `${last?.component}, `;
  const how = end ? `: ${whose}${end.reason}, exit code ${end.exit_code}` : "";
  return { reason: "ContainerRestarted", message: `its containers were restarted ${times(restarts)} while it had traffic${how}` };
}

function short(evidence: Evidence, now: number): Fault | undefined {
  const { short_since, seen } = evidence;
  const [ready, desired] = [total(evidence, "ready"), total(evidence, "desired")];
  if (short_since === null || (canAnswer(evidence) && now - short_since < shortMilliseconds)) return undefined;
  return { reason: "ReadinessLost", message: `${ready} of ${desired} instances are ready: ${seen.condition.message}` };
}

/** A component without a ready instance is missed by every request, however many the other has. */
function canAnswer({ record, seen }: Evidence): boolean {
  return components.every((component) => !record.desired[component] || (seen.components[component]?.ready ?? 0) > 0);
}

function smokeTestFailed({ smoke_test_failure }: Evidence): Fault | undefined {
  return smoke_test_failure === undefined ? undefined : { reason: "SmokeTestFailed", message: smoke_test_failure };
}

const alarming = ({ alarms }: Evidence): string[] => Object.keys(alarms).filter((name) => alarms[name] === "ALARM");

function alarmed(evidence: Evidence): Fault | undefined {
  const names = alarming(evidence);
  if (names.length > 0) return { reason: "AlarmRaised", message: `in ALARM: ${names.join(", ")}` };
  const missing = Object.keys(evidence.alarms).filter((name) => evidence.alarms[name] === null);
  return missing.length > 0 ? { reason: "AlarmMissing", message: `there is no CloudWatch alarm ${missing.join(", ")}` } : undefined;
}

/** What nobody could judge is said: silence would be taken for a pass. */
function notJudged(figures: SlotFigures | undefined, policy: RolloutPolicy["auto_rollback"]): string {
  if (!policy || !hasLimits(policy)) return "";
  if (!figures) return "the gateway tells no figures: errors and latency were not judged";
  if (figures.requests >= policy.min_requests) return "";
  return `${figures.requests} requests, fewer than the ${policy.min_requests} that errors and latency are judged by`;
}

/** Ready and provisioned instances of all components. */
function total({ record, seen }: Evidence, which: "ready" | "desired"): number {
  return components.reduce((sum, component) => {
    return sum + (which === "desired" ? (record.desired[component] ?? 0) : (seen.components[component]?.ready ?? 0));
  }, 0);
}

const rounded = (number: number): number => Math.round(number * 100) / 100;
const times = (count: number): string => (count === 1 ? "once" : `${count} times`);
