import type { KeptReading } from "../../domain/metrics.ts";

/** Readings of gateways, kept for a while: what metrics are made of. */
export interface MetricsStore {
  /** Keeps one reading; said again for the same slot and minute, it replaces the first. */
  keep(uid: string, reading: KeptReading): Promise<void>;
  /** Of a deployment, all slots, in order of time; both ends included, in milliseconds. */
  between(uid: string, from: number, until: number): Promise<KeptReading[]>;
}

/** How long readings are kept. */
export const keptDays = 15;
