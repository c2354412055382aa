import type { Head } from "../../domain/deployment.ts";
import { type FreshnessMode, isWatched, watchLimits } from "../../domain/freshness.ts";
import { slotNames } from "../../domain/words.ts";
import type { Clock, Log } from "../ports/surroundings.ts";
import type { StartWatch, Watches } from "../ports/watches.ts";

export interface LookPorts {
  watches: Watches;
  startWatch: StartWatch;
  freshness: FreshnessMode;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** Told of each state that somebody asks for. */
export type TellLook = (head: Head) => Promise<void>;

/**
 * Says, at most once a minute for each cluster, that somebody looks: the cluster is then watched for ten minutes, from
 * now on. An answer never fails over it: whoever looks is told how old it is.
 */
export function lookTeller({ watches, startWatch, freshness, clock, log }: LookPorts): TellLook {
  const told = new Map<string, number>();
  return async ({ place: { cluster }, slots, active_operation }) => {
    const now = clock.now();
    const isThere = active_operation !== null || slotNames.some((slot) => slots[slot] !== null);
    const since = now - (told.get(cluster) ?? Number.NEGATIVE_INFINITY);
    if (freshness !== "on_demand" || !isThere || since < watchLimits.lookTold * 1000) return;
    told.set(cluster, now);
    try {
      const notAfter = new Date(now - watchLimits.lookTold * 1000).toISOString();
      const watch = await watches.tellLook(cluster, new Date(now).toISOString(), notAfter);
      if (watch && !isWatched(watch, now)) await startWatch({ cluster });
    } catch (error) {
      log.warn(`cluster ${cluster} could not be told that somebody looks`, error as Error);
    }
  };
}
