import { measureAccess } from "../../domain/client-metrics.ts";
import type { Head } from "../../domain/deployment.ts";
import type { MetricRange } from "../../domain/metrics.ts";
import { type AccessFigures, type ClientFigures, NoAccessLog } from "../ports/access-figures.ts";
import type { ClientReader } from "../ports/clients.ts";
import { metricRange, type RangeAsked } from "./metric-range.ts";
import type { MetricSeries, Metrics } from "./read-metrics.ts";

type Ports = { access: AccessFigures; record: Pick<ClientReader, "clients">; now: number };

/**
 * A series for each client that has asked a deployment, from the access log of the endpoints. Errors: `invalid-input` for
 * too many steps; `rate-limited` and `service-unavailable` when the log is not read in time.
 */
export async function readClientMetrics({ access, record, now }: Ports, head: Head, asked: RangeAsked): Promise<Metrics> {
  const range = metricRange(asked, now, access.kept_days);
  const answer = (series: MetricSeries[], notes: string[]): Metrics => ({
    from: new Date(range.from).toISOString(),
    to: new Date(range.until).toISOString(),
    step_seconds: range.step / 1000,
    series,
    note: notes.length > 0 ? notes.join("; ") : null,
    reported_note: "servers tell values of themselves, not of who asks them: ask without by=client for these",
  });
  try {
    const figures = await access.byClient(head.uid, range);
    // What came before the log begins, or before the deployment was there, nobody has seen.
    const first = Math.max(Date.parse(head.created_at), now - access.kept_days * 86_400_000);
    const hasNone = figures.totals.length === 0 && (await record.clients(head.uid, { limit: 1 })).items.length === 0;
    return answer(seriesOf(figures, range, { first, now }), notesOn(head, figures, range, hasNone));
  } catch (error) {
    if (error instanceof NoAccessLog) return answer([], [`requests are not logged: ${error.message}`]);
    throw error;
  }
}

function seriesOf(
  { steps, totals, first_step }: ClientFigures,
  range: MetricRange,
  { first, now }: { first: number; now: number },
): MetricSeries[] {
  const byClient = Map.groupBy(steps, ({ client }) => client);
  const whole = { from: first, until: now };
  const told = { from: Math.max(first, range.from + first_step * range.step), until: now };
  return totals
    .toSorted((one, other) => (one.client < other.client ? -1 : 1))
    .map(({ client, ...total }) => {
      const counted = new Map((byClient.get(client) ?? []).map((each) => [each.step, each]));
      return {
        ...{ slot: null, revision: null, model: null, client },
        points: measureAccess(counted, total, range, told).points,
        total: measureAccess(counted, total, range, whole).total,
        reported: [],
      };
    });
}

function notesOn({ access }: Head, { totals, first_step, lacks_clients }: ClientFigures, range: MetricRange, hasNone: boolean): string[] {
  const begin = new Date(range.from + first_step * range.step).toISOString();
  return [
    ...(access === "public" ? ["the deployment is public: public requests carry no identity and are in none of these series"] : []),
    ...(totals.length === 0 ? [`${hasNone ? "the deployment has no clients, and " : ""}${nobodyAsked}`] : []),
    ...(first_step > 0 ? [`steps before ${begin} are null, because there are too many: give a longer step or a shorter time`] : []),
    ...(lacks_clients ? ["those who asked least are left out, because there are too many clients: give a shorter time"] : []),
  ];
}

const nobodyAsked =
  "no request of a client was logged in this time: what was refused with 401 is of no client, and the log comes up to minutes late";
