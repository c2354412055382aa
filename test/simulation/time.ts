import { VirtualClock } from "../../local/step-functions/clock.ts";

const never = new AbortController().signal;

/** The one clock of a world. It moves only when nothing else can. */
export class Time {
  readonly virtual: VirtualClock;
  /** When the world ended. Its clock runs on, as long as somebody still sleeps by it. */
  ended: number | undefined;

  constructor(now: number) {
    this.virtual = new VirtualClock(now);
  }

  now(): number {
    return this.virtual.now();
  }

  sleep(milliseconds: number, signal: AbortSignal = never): Promise<void> {
    return this.virtual.sleepUntil(this.now() + Math.ceil(milliseconds), signal);
  }

  /** For what happens by itself. Not once the world is over. */
  after(milliseconds: number, happening: () => void): void {
    void this.sleep(milliseconds).then(() => {
      if (this.ended === undefined) happening();
    });
  }

  end(): void {
    this.ended ??= this.now();
  }
}
