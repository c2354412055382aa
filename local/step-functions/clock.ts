/** Every wait, retry and timeout goes through a clock, so that a test or a simulation can own time. Times are epoch milliseconds. */
export interface Clock {
  now(): number;
  /** Resolves at or after `at`; rejects with the signal's reason when aborted first. */
  sleepUntil(at: number, signal: AbortSignal): Promise<void>;
}

/** setTimeout overflows beyond 2^31 - 1 ms and would fire at once. */
const LONGEST_TIMER = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleepUntil(at, signal) {
    while (Date.now() < at) await sleep(Math.min(at - Date.now(), LONGEST_TIMER), signal);
    signal.throwIfAborted();
  },
};

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const aborted = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", aborted);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", aborted, { once: true });
  });
}

interface Sleeper {
  at: number;
  wake(): void;
}

/**
 * Time that moves only when nothing else can: once every promise at hand has settled, it jumps to the next sleeper.
 * Right for work that does no real I/O; order is by time, then by who slept first.
 */
export class VirtualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];
  #scheduled = false;

  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleepUntil(at: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (at <= this.#now) return resolve();
      const aborted = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      };
      const sleeper: Sleeper = {
        at,
        wake: () => {
          signal.removeEventListener("abort", aborted);
          resolve();
        },
      };
      signal.addEventListener("abort", aborted, { once: true });
      this.#sleepers.push(sleeper);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const next = this.#sleepers.reduce<Sleeper | undefined>(
        (first, one) => (first === undefined || one.at < first.at ? one : first),
        undefined,
      );
      if (next === undefined) return;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      if (this.#sleepers.length > 0) this.#schedule();
    });
  }
}
