import type { AccessCount } from "../../domain/client-metrics.ts";
import type { MetricRange } from "../../domain/metrics.ts";

/** What the access log of the endpoints tells of those who ask private deployments. */
export interface AccessFigures {
  /** How long the log is kept. */
  kept_days: number;
  /** Errors: NoAccessLog; `rate-limited` and `service-unavailable` when it is not counted in time. */
  byClient(uid: string, range: MetricRange): Promise<ClientFigures>;
}

export interface ClientFigures {
  /** Of each client and step in which it asked, the step by its number from 0 on. */
  steps: (AccessCount & { client: string; step: number })[];
  /** Of each client, over the whole time. */
  totals: (AccessCount & { client: string })[];
  /** Not all fitted into the answer: of the steps before this one nothing is told. */
  first_step: number;
  /** Not all clients fitted in. */
  lacks_clients: boolean;
}

/** There is no such log group. */
export class NoAccessLog extends Error {
  readonly group: string;
  constructor(group: string) {
    super(`there is no log group ${group}`);
    this.name = "NoAccessLog";
    this.group = group;
  }
}
