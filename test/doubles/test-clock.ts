import type { Clock } from "../../lambdas/ports/surroundings.ts";

/** Time that passes only when somebody sleeps or a test says so. */
export class TestClock implements Clock {
  time = Date.parse("2026-11-21T09:00:00.000Z");
  /** Called while somebody sleeps, for instance to end what is being waited for. */
  whileSleeping: (() => Promise<void>) | undefined;

  now = (): number => this.time;

  sleep = async (milliseconds: number): Promise<void> => {
    this.time += Math.ceil(milliseconds);
    await this.whileSleeping?.();
  };
}
