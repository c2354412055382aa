import type { ReportedKind, ReportedPlace, ReportedSample } from "../../domain/reported-values.ts";
import { type Clusters, KubernetesError } from "../ports/cluster.ts";
import type { ReportedValues, ToldNow } from "../ports/reported-values.ts";
import { readSamples, type Sample } from "./prometheus-text.ts";

const timeoutMilliseconds = 3_000;
const limitBytes = 1024 * 1024;
/** Of one server: what is kept each minute is to stay small, whatever somebody's server makes labels of. */
const mostSeries = 20;
const mostCharactersOfLabels = 120;

/** Prometheus' text format, read of each pod through the API server. */
export function prometheusValues(clusters: Clusters): ReportedValues {
  return {
    async read(clusterName, instance, place) {
      const request = { method: "GET", path: place.path, timeout_ms: timeoutMilliseconds, limit_bytes: limitBytes };
      try {
        const cluster = await clusters(clusterName);
        const { status, body } = await cluster.podProxy({ ...instance, port: place.port }, request);
        return status === 200 ? toldBy(body, place) : nothing(`answers GET ${place.path} on port ${place.port} with ${status}`);
      } catch (error) {
        const why = error instanceof KubernetesError ? `${error.code} ${error.reason}` : (error as Error).message;
        return nothing(`could not be asked for its values: ${why}`);
      }
    },
  };
}

const nothing = (problem: string): ToldNow => ({ samples: [], problem });

function toldBy(text: string, { path, names }: ReportedPlace): ToldNow {
  const all = names.flatMap((name) => samplesOf(text, name, kindOf(text, name)));
  const small = all.filter(({ labels }) => JSON.stringify(labels).length <= mostCharactersOfLabels);
  const samples = small.slice(0, mostSeries);
  if (all.length === 0) return nothing(`tells none of ${names.join(", ")} at ${path}`);
  const leftOut = all.length - samples.length;
  const bounds = `${mostSeries} of a server are kept, with at most ${mostCharactersOfLabels} characters of labels each`;
  return { samples, problem: leftOut > 0 ? `tells ${leftOut} series more than are kept: ${bounds}` : null };
}

/** As the text says; without its word, by the usual ending. */
function kindOf(text: string, name: string): ReportedKind {
  const [, type = ""] = new RegExp(`^# TYPE ${name} (\\w+)`, "m").exec(text) ?? [];
  if (type === "histogram" || type === "summary") return "distribution";
  return type === "counter" || (type !== "gauge" && name.endsWith("_total")) ? "counter" : "gauge";
}

function samplesOf(text: string, name: string, kind: ReportedKind): ReportedSample[] {
  const read = (metric: string) => readSamples(text, [metric]).filter(({ value }) => Number.isFinite(value));
  if (kind !== "distribution") return read(name).map(({ labels, value }) => ({ name, kind, labels, numbers: [value] }));
  const counts = new Map(read(`${name}_count`).map((sample) => [keyOf(sample), sample.value]));
  return read(`${name}_sum`).flatMap((sample) => {
    const count = counts.get(keyOf(sample));
    return count === undefined ? [] : [{ name, kind, labels: sample.labels, numbers: [sample.value, count] }];
  });
}

const keyOf = ({ labels }: Sample): string => JSON.stringify(Object.entries(labels).sort());
