import type { KeptReading } from "../../domain/metrics.ts";
import type { MetricsStore } from "../../lambdas/ports/metrics-store.ts";

export class MemoryMetrics implements MetricsStore {
  readonly readings = new Map<string, KeptReading[]>();

  async keep(uid: string, reading: KeptReading): Promise<void> {
    this.readings.set(uid, [...(this.readings.get(uid) ?? []), reading]);
  }

  async between(uid: string, from: number, until: number): Promise<KeptReading[]> {
    return (this.readings.get(uid) ?? []).filter(({ at }) => at >= from && at <= until).sort((one, other) => one.at - other.at);
  }
}
