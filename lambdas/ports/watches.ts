import type { Watch } from "../../domain/freshness.ts";

/** Who watches which cluster, and until when the record is true to it. One small item for each cluster. */
export interface Watches {
  find(cluster: string): Promise<Watch>;
  /**
   * Somebody looks at what runs there. undefined when that has been told since `notAfter` already. Times are RFC 3339 UTC
   * with milliseconds.
   */
  tellLook(cluster: string, at: string, notAfter: string): Promise<Watch | undefined>;
  /** Takes or keeps the word of a cluster, if nobody else has it at `now`; undefined when somebody has. */
  hold(cluster: string, claim: Claim): Promise<Watch | undefined>;
  /** Gives it back. Nothing when somebody else has it by now. */
  release(cluster: string, holder: string): Promise<void>;
}

export interface Claim {
  holder: string;
  now: string;
  until: string;
  /** The record was true to the cluster then, but for those that are behind; null leaves what was said before. */
  seen: { at: string; behind: string[] } | null;
}

/** Starts a run that watches a cluster, and does not wait for it. */
export type StartWatch = (start: WatchStart) => Promise<void>;
export interface WatchStart {
  cluster: string;
  /** The run that is about to end: the new one waits until it does. Absent: whoever watches is left to it. */
  successor_of?: string;
}
