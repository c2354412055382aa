import type { Clock } from "../../local/step-functions/clock.ts";

interface Sleeper {
  at: number;
  /** Who slept first wakes first. */
  place: number;
  wake: () => void;
  isGone: boolean;
}

/**
 * The one clock of a world. It moves only when nothing else can: once every promise at hand has settled, it jumps to the
 * next sleeper. As the interpreter's VirtualClock, for worlds in which hundreds sleep at once.
 */
export class Time implements Clock {
  /** When the world ended. Whoever still sleeps by its clock then is not woken: nothing of it meets the next world. */
  ended: number | undefined;
  private moment: number;
  private places = 0;
  private isScheduled = false;
  /** A binary heap: the next is first. */
  private readonly sleepers: Sleeper[] = [];

  constructor(now: number) {
    this.moment = now;
  }

  now(): number {
    return this.moment;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.sleepUntil(this.moment + Math.ceil(milliseconds), signal);
  }

  sleepUntil(at: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (at <= this.moment) return resolve();
      const sleeper: Sleeper = { at, place: this.places++, wake: resolve, isGone: false };
      if (signal) this.wakeOnAbort(sleeper, signal, reject);
      this.add(sleeper);
      this.schedule();
    });
  }

  private wakeOnAbort(sleeper: Sleeper, signal: AbortSignal, reject: (reason: unknown) => void): void {
    const { wake } = sleeper;
    const aborted = () => {
      sleeper.isGone = true;
      reject(signal.reason);
    };
    sleeper.wake = () => {
      signal.removeEventListener("abort", aborted);
      wake();
    };
    signal.addEventListener("abort", aborted, { once: true });
  }

  /** For what happens by itself. Not once the world is over. */
  after(milliseconds: number, happening: () => void): void {
    void this.sleep(milliseconds).then(() => {
      if (this.ended === undefined) happening();
    });
  }

  end(): void {
    this.ended ??= this.moment;
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      if (this.ended !== undefined) return;
      let next = this.takeNext();
      while (next?.isGone) next = this.takeNext();
      if (!next) return;
      this.moment = Math.max(this.moment, next.at);
      next.wake();
      if (this.sleepers.length > 0) this.schedule();
    });
  }

  private add(sleeper: Sleeper): void {
    const { sleepers } = this;
    let index = sleepers.length;
    for (; index > 0; ) {
      const above = (index - 1) >> 1;
      const other = sleepers[above] as Sleeper;
      if (!isBefore(sleeper, other)) break;
      sleepers[index] = other;
      index = above;
    }
    sleepers[index] = sleeper;
  }

  private takeNext(): Sleeper | undefined {
    const { sleepers } = this;
    const next = sleepers[0];
    const last = sleepers.pop();
    if (!last || sleepers.length === 0) return next;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= sleepers.length) break;
      const isRight = left + 1 < sleepers.length && isBefore(sleepers[left + 1] as Sleeper, sleepers[left] as Sleeper);
      const below = isRight ? left + 1 : left;
      const other = sleepers[below] as Sleeper;
      if (!isBefore(other, last)) break;
      sleepers[index] = other;
      index = below;
    }
    sleepers[index] = last;
    return next;
  }
}

const isBefore = (one: Sleeper, other: Sleeper): boolean => one.at < other.at || (one.at === other.at && one.place < other.place);
