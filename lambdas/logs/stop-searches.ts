import { leftAloneMilliseconds } from "../operations/read-historical-logs.ts";
import type { LogHistory } from "../ports/log-history.ts";
import type { LogSearches } from "../ports/log-searches.ts";
import type { Clock, Log } from "../ports/surroundings.ts";

export interface StopPorts {
  searches: Pick<LogSearches, "takeLeft">;
  history: Pick<LogHistory, "stop">;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** Stops each search that somebody was told to ask for again and has not: it would be read to its end, and billed, for nobody. */
export async function stopSearches({ searches, history, clock, log }: StopPorts): Promise<void> {
  for (const search of await searches.takeLeft(clock.now() - leftAloneMilliseconds)) {
    await history.stop(search).catch((error: unknown) => log.warn(`search ${search} could not be stopped`, error as Error));
  }
}
