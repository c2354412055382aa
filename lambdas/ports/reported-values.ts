import type { ReportedPlace, ReportedSample } from "../../domain/reported-values.ts";

/** What servers tell of themselves. */
export interface ReportedValues {
  /** Of one instance, now. What it cannot be read for is a problem, in words that go behind the instance's name. */
  read(cluster: string, instance: { namespace: string; pod: string }, place: ReportedPlace): Promise<ToldNow>;
}

export interface ToldNow {
  samples: ReportedSample[];
  problem: string | null;
}
