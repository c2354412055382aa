import type { Clock } from "../ports/surroundings.ts";

/** Rung while nobody waits, it is heard by the next who does: no change is missed between a look and a wait. */
export interface Bell {
  ring(): void;
  /** Until it is rung or so much time is over. */
  next(clock: Clock, atMostMilliseconds: number): Promise<void>;
}

export function newBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    next: async (clock, atMostMilliseconds) => {
      if (!rung) {
        const enough = new AbortController();
        const heard = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const slept = clock.sleep(atMostMilliseconds, enough.signal).catch(() => undefined);
        await Promise.race([heard, slept]);
        enough.abort();
        wake = undefined;
      }
      rung = false;
    },
  };
}
