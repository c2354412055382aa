import type { KeptReading } from "../../domain/metrics.ts";
import type { ReportedReading } from "../../domain/reported-values.ts";

/** Readings of gateways and servers, kept for a while: what metrics are made of. */
export interface MetricsStore {
  /** Keeps readings of deployments; said again for the same slot and minute, one replaces the first. */
  keep(readings: readonly OfDeployment<KeptReading>[]): Promise<void>;
  /** Of a deployment, all slots, in order of time; both ends included, in milliseconds. */
  between(uid: string, from: number, until: number): Promise<KeptReading[]>;
  /** Keeps what servers told of themselves; said again for the same component, slot and minute, it replaces the first. */
  keepReported(readings: readonly OfDeployment<ReportedReading>[]): Promise<void>;
  /** As `between`. Instances may have other names than they were kept with. */
  reportedBetween(uid: string, from: number, until: number): Promise<ReportedReading[]>;
}

export interface OfDeployment<Reading> {
  uid: string;
  reading: Reading;
}

/** How long readings are kept. */
export const keptDays = 15;
