import type { Head } from "./deployment.ts";
import type { Observed } from "./observed.ts";

/**
 * How clusters are watched. `on_demand`: while an operation lasts or somebody has looked lately, else one look a minute;
 * `always`; `minute`: one look a minute and no more.
 */
export const freshnessModes = ["on_demand", "always", "minute"] as const;
export type FreshnessMode = (typeof freshnessModes)[number];

/** What is known of the looking at one cluster: who watches it, until when, and until when the record is true to it. */
export interface Watch {
  /** The run that watches; null when none does. */
  holder: string | null;
  /** Its word holds until then, unless it says so again. */
  until: string | null;
  /** When somebody has asked for a state there; told once a minute. */
  looked_at: string | null;
  /** Everything in the cluster was as the record says at this time. */
  seen_at: string | null;
  /** Uids of deployments for which that does not hold: what was seen of them could not be written. */
  behind: string[];
}

/** Seconds. */
export const watchLimits = {
  /** A look counts for so long. */
  looked: 600,
  /** Looks are not told more often. */
  lookTold: 60,
  /** A run that says nothing for so long has ended. */
  lease: 30,
  /** A run says so often that it watches. */
  renewal: 10,
} as const;

export const nobodyWatches: Watch = { holder: null, until: null, looked_at: null, seen_at: null, behind: [] };

export function isWatched(watch: Watch, now: number): boolean {
  return watch.holder !== null && watch.until !== null && Date.parse(watch.until) > now;
}

/** Whether a cluster is to be watched now. `operating`: an operation is under way there. */
export function isWatchWanted(mode: FreshnessMode, { looked_at }: Watch, operating: boolean, now: number): boolean {
  if (mode !== "on_demand") return mode === "always";
  return operating || (looked_at !== null && now - Date.parse(looked_at) <= watchLimits.looked * 1000);
}

/**
 * What was seen, with the time until which it is known to have stayed so: only changes are written, and that there was
 * none is said of the whole cluster at once. While AwaitReady follows a deployment, it alone speaks of it.
 */
export function stillSeen(head: Head, observed: Observed, { seen_at, behind }: Watch): Observed {
  if (seen_at === null || seen_at <= observed.observed_at) return observed;
  if (head.active_operation?.step === "AwaitReady" || behind.includes(head.uid)) return observed;
  return { ...observed, observed_at: seen_at };
}
