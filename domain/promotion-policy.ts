import type { Role } from "./words.ts";

/** The two stages of a promotion, in their order; each is an environment of the installation. */
export const promotionStages = ["staging", "production"] as const;
export type PromotionStageName = (typeof promotionStages)[number];

export const gates = ["auto", "soak", "approval"] as const;
export type Gate = (typeof gates)[number];

export const weekdays = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"] as const;
export type Weekday = (typeof weekdays)[number];

/** One time when nothing goes to production: once (`from`, `to` are instants), or each week (times of the day, UTC). */
export type FreezeWindow =
  | { from: string; to: string; reason: string }
  | { days: Weekday[]; from_time: string; to_time: string; reason: string };

/** Which deployment a stage feeds, and how it is made when there is none yet. Field names are the wire's. */
export interface StageTarget {
  deployment_id: string;
  /** What the deployment is created with, beside the model version; one that exists keeps what it has. */
  specification: Record<string, unknown>;
}

/** How versions of one model come to production. */
export interface PromotionPolicy {
  /** How far a newly registered version goes by itself. */
  automatic: "none" | PromotionStageName;
  staging: StageTarget;
  production: StageTarget;
  /** Sent in both stages; null: those that the deployment has by itself. */
  smoke_tests: unknown[] | null;
  /** What an earlier policy sent, while this one sends none: a deployment that still has them loses them with the next version. */
  withdrawn_smoke_tests?: unknown[];
  gate: Gate;
  /** How long a version has to be healthy in staging first; also before an approval. */
  soak_seconds: number;
  approval: ApprovalRule;
  freeze_windows: FreezeWindow[];
  /** What a newer version does to a promotion in flight. */
  in_flight: "supersede" | "queue";
  /** What becomes of staging when the version is in production, or will not go there. */
  staging_afterwards: "stop" | "keep";
}

export interface ApprovalRule {
  least_role: Role;
  /** When not empty, only these may, each with the role. */
  approvers: string[];
  expires_seconds: number;
  /** Who asked for the promotion may not approve it. */
  four_eyes: boolean;
}

const day = 86_400_000;

/** When the freeze that `now` lies in is over, adjoining ones included; null outside of any. Milliseconds. */
export function freezeEnd(windows: readonly FreezeWindow[], now: number): number | null {
  let end = now;
  for (let extended = true; extended && end < now + 366 * day; ) {
    const ends = windows.map((window) => endOfWindow(window, end)).filter((one) => one > end);
    extended = ends.length > 0;
    end = Math.max(end, ...ends);
  }
  return end > now ? end : null;
}

/** `now` itself when it is outside. */
function endOfWindow(window: FreezeWindow, now: number): number {
  if ("from" in window) return Date.parse(window.from) <= now && now < Date.parse(window.to) ? Date.parse(window.to) : now;
  const midnight = Math.floor(now / day) * day;
  // A window that goes over midnight began yesterday.
  for (const start of [midnight - day, midnight]) {
    if (!window.days.includes(weekdayOf(start))) continue;
    const from = start + timeOfDay(window.from_time);
    const length = timeOfDay(window.to_time) - timeOfDay(window.from_time);
    const to = from + (length > 0 ? length : length + day);
    if (from <= now && now < to) return to;
  }
  return now;
}

const weekdayOf = (midnight: number): Weekday => weekdays[(new Date(midnight).getUTCDay() + 6) % 7] as Weekday;

/** `HH:MM`, up to 24:00, in milliseconds. */
const timeOfDay = (text: string): number => {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return (hours * 60 + minutes) * 60_000;
};
