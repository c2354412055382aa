import type { Head } from "../../domain/deployment.ts";
import { type KeptReading, type MetricPoint, measure, newMilliseconds } from "../../domain/metrics.ts";
import { measureReported, type ReportedReading, type ReportedSeries } from "../../domain/reported-values.ts";
import type { SlotName } from "../../domain/words.ts";
import { keptDays, type MetricsStore } from "../ports/metrics-store.ts";
import type { DeploymentReader } from "../ports/record.ts";
import { metricRange, type RangeAsked } from "./metric-range.ts";

export interface MetricsQuery extends RangeAsked {
  by: "model_version" | "revision" | "slot" | undefined;
}

export interface MetricSeries {
  slot: SlotName | null;
  revision: number | null;
  /** Of a registered model; null for others, and where it is not asked by it. */
  model: { name: string; version: number } | null;
  /** The name of a client; null where it is not asked by it. */
  client: string | null;
  points: MetricPoint[];
  total: MetricPoint;
  /** What servers told of themselves, in the same steps. */
  reported: ReportedSeries[];
}

export interface Metrics {
  from: string;
  to: string;
  step_seconds: number;
  series: MetricSeries[];
  /** Why nothing can be told, or what is missing; null when all is told. */
  note: string | null;
  /** Why servers told nothing of themselves, or what of it is missing. */
  reported_note: string | null;
}

type Ports = { record: DeploymentReader; store: Pick<MetricsStore, "between" | "reportedBetween">; now: number };

/** What the gateway has counted for a deployment, and what its servers told of themselves, in steps. Errors: `invalid-input` for too many of them. */
export async function readMetrics({ record, store, now }: Ports, head: Head, query: MetricsQuery): Promise<Metrics> {
  const range = metricRange(query, now, keptDays);
  // What came before the range is where the first of its readings goes on from.
  const begin = range.from - newMilliseconds;
  const [counted, told] = await Promise.all([
    store.between(head.uid, begin, range.until),
    store.reportedBetween(head.uid, begin, range.until),
  ]);
  const readings = { counted, told };
  const found = query.by === "model_version" ? await byModel(record, head, readings) : groups(readings, query.by);
  return {
    from: new Date(range.from).toISOString(),
    to: new Date(range.until).toISOString(),
    step_seconds: range.step / 1000,
    series: found.map((group) => ({ ...group.of, ...measure(group.counted, range), reported: measureReported(group.told, range) })),
    note: counted.length > 0 ? null : nothingRead(head),
    reported_note: told.length > 0 ? (told.at(-1)?.problem ?? null) : nothingTold,
  };
}

interface Readings {
  counted: KeptReading[];
  told: ReportedReading[];
}
interface Group extends Readings {
  of: Pick<MetricSeries, "slot" | "revision" | "model" | "client">;
}
type Either = KeptReading | ReportedReading;
const anything = { slot: null, revision: null, model: null, client: null };

function groups(readings: Readings, by: MetricsQuery["by"]): Group[] {
  if (by === "slot")
    return grouped(
      readings,
      ({ slot }) => slot,
      ({ slot }) => ({ ...anything, slot }),
    );
  if (by === "revision")
    return grouped(
      readings,
      ({ revision }) => revision,
      ({ revision }) => ({ ...anything, revision }),
    );
  return [{ of: anything, ...readings }];
}

function grouped({ counted, told }: Readings, keyOf: (reading: Either) => string | number, of: (first: Either) => Group["of"]): Group[] {
  const [byCounted, byTold] = [Map.groupBy(counted, keyOf), Map.groupBy(told, keyOf)];
  const keys = [...new Set([...byCounted.keys(), ...byTold.keys()])].sort((one, other) => (one < other ? -1 : 1));
  return keys.map((key) => {
    const own = { counted: byCounted.get(key) ?? [], told: byTold.get(key) ?? [] };
    return { of: of((own.counted[0] ?? own.told[0]) as Either), ...own };
  });
}

/** A version that several revisions ran is one series; what ran no registered model is another. */
async function byModel(record: DeploymentReader, { uid }: Head, readings: Readings): Promise<Group[]> {
  const revisions = [...new Set([...readings.counted, ...readings.told].map(({ revision }) => revision))];
  const models = new Map(
    await Promise.all(
      revisions.map(async (number) => {
        const revision = await record.revision(uid, number);
        return [number, revision?.specification.predictor.model ?? null] as const;
      }),
    ),
  );
  const keyOf = ({ revision }: Either) => JSON.stringify(models.get(revision) ?? null);
  return grouped(readings, keyOf, ({ revision }) => ({ ...anything, model: models.get(revision) ?? null }));
}

const nothingTold = "no server of this deployment told values of its own in this time: docs/metrics.md says which do, and how";

function nothingRead({ place, slots }: Head): string {
  if (!place.gateway.metrics) return "the gateway of this cluster tells no figures: docs/metrics.md says what it takes";
  // It may have served all the same, for less than a minute.
  const serves = slots.blue || slots.green ? "" : "nothing of this deployment serves now, and ";
  return `${serves}nothing was read in this time: gateways are read once a minute, and readings are kept for 15 days`;
}
