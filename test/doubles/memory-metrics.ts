import type { KeptReading } from "../../domain/metrics.ts";
import type { ReportedReading } from "../../domain/reported-values.ts";
import type { MetricsStore, OfDeployment } from "../../lambdas/ports/metrics-store.ts";

export class MemoryMetrics implements MetricsStore {
  readonly readings = new Map<string, KeptReading[]>();

  readonly reported = new Map<string, ReportedReading[]>();

  async keep(readings: readonly OfDeployment<KeptReading>[]): Promise<void> {
    for (const { uid, reading } of readings) this.readings.set(uid, [...(this.readings.get(uid) ?? []), reading]);
  }

  async between(uid: string, from: number, until: number): Promise<KeptReading[]> {
    return (this.readings.get(uid) ?? []).filter(({ at }) => at >= from && at <= until).sort((one, other) => one.at - other.at);
  }

  async keepReported(readings: readonly OfDeployment<ReportedReading>[]): Promise<void> {
    for (const { uid, reading } of readings) this.reported.set(uid, [...(this.reported.get(uid) ?? []), reading]);
  }

  async reportedBetween(uid: string, from: number, until: number): Promise<ReportedReading[]> {
    return (this.reported.get(uid) ?? []).filter(({ at }) => at >= from && at <= until).sort((one, other) => one.at - other.at);
  }
}
