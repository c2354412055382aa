import { momentIn } from "../../contract/moment.ts";
import { Problem } from "../../domain/errors.ts";
import { findDeployment } from "../operations/find-deployment.ts";
import { readClientMetrics } from "../operations/read-client-metrics.ts";
import { readMetrics } from "../operations/read-metrics.ts";
import type { AccessFigures } from "../ports/access-figures.ts";
import type { ClientReader } from "../ports/clients.ts";
import type { MetricsStore } from "../ports/metrics-store.ts";
import type { DeploymentReader } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { Handlers } from "./dispatch.ts";

export interface MetricsPorts {
  record: DeploymentReader & Pick<ClientReader, "clients">;
  store: Pick<MetricsStore, "between" | "reportedBetween">;
  access: AccessFigures;
  clock: Pick<Clock, "now">;
}

export function metricsReader({ record, store, access, clock }: MetricsPorts): Handlers<"ReadMetrics"> {
  return {
    async getMetrics({ caller, params, query: { from, to, step, by } }) {
      const now = clock.now();
      const range = { from: momentIn(from, now), until: momentIn(to, now) };
      if (range.from !== undefined && range.from >= (range.until ?? now)) throw refused("from", "nothing lies between from and to");
      const head = await findDeployment(record, caller, params.id);
      const body =
        by === "client"
          ? await readClientMetrics({ access, record, now }, head, { ...range, step })
          : await readMetrics({ record, store, now }, head, { ...range, step, by });
      return { status: 200, body };
    },
  };
}

const refused = (path: string, message: string): Problem =>
  new Problem("invalid-input", `The query is not valid. ${path}: ${message}`, { errors: [{ path, message }] });
