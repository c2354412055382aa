import { rounded } from "../../../bench/report.ts";
import { percentile } from "../../../bench/switch/load-client.ts";
import type { Moment } from "./moments.ts";

export interface Timed {
  /** Seconds from the change to the moved route, and from the last ready instance. */
  total: number;
  afterReady: number;
}

/** `began`: in `performance.now()`. */
export const timed = (began: number, { ready, moved }: Moment): Timed => ({
  total: (moved - began) / 1000,
  afterReady: (moved - ready) / 1000,
});

export const secondsHeader = ["who", "at once", "rounds", "change → moved, p50 / p99", "ready → moved, p50 / p99"];

export function secondsRow(who: string, size: number, rounds: number, timed: Timed[]): string[] {
  const both = (values: number[]) => `${rounded(percentile(values, 50))} / ${rounded(percentile(values, 99))}`;
  return [who, `${size}`, `${rounds}`, both(timed.map(({ total }) => total)), both(timed.map(({ afterReady }) => afterReady))];
}

/** Few at once are played several times. */
export const roundsOf = (size: number): number => Math.max(1, Math.min(5, Math.floor(20 / size)));
