import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { entryName } from "../../domain/manifests/route.ts";
import { routeName, servicePort } from "../../domain/names.ts";
import type { GatewayMetricsPlace } from "../../domain/place.ts";
import type { SlotCounters, SlotReading } from "../../domain/slot-figures.ts";
import { type Cluster, type Clusters, KubernetesError } from "../ports/cluster.ts";
import type { GatewayFigures, SlotMetrics } from "../ports/slot-metrics.ts";
import { type Dialect, dialects, type RoutedPort } from "./gateway-dialects.ts";
import { readSamples, type Sample } from "./prometheus-text.ts";

const serviceLabel = "kubernetes.io/service-name";
const timeoutMilliseconds = 10_000;
/** About 3 KB for each service that has traffic. */
const limitBytes = 32 * 1024 * 1024;

/** Of one slot, by its place in the record. */
export function gatewayMetrics(clusters: Clusters): SlotMetrics {
  const figures = gatewayFigures(clusters);
  return {
    async read({ id, uid, place }, record) {
      const { metrics } = place.gateway;
      if (!metrics) return undefined;
      const routed = { namespace: place.namespace, route: routeName({ id, uid }), service: entryName({ id, uid }, record) };
      return (await figures.read(place.cluster, metrics, [routed]))[0];
    },
  };
}

/**
 * What the pods of a gateway's data plane have counted, each read through the API server: a request to their Service
 * would reach any one of them.
 */
export function gatewayFigures(clusters: Clusters): GatewayFigures {
  return {
    async read(clusterName, metrics, services) {
      const cluster = await clusters(clusterName);
      const pods = await replicas(cluster, metrics);
      const texts = await Promise.all(pods.map(async (pod) => ({ pod, text: await textOf(cluster, metrics, pod) })));
      const told = texts.flatMap(({ pod, text }) => (text === undefined ? [] : [toldBy(pod, text, dialects[metrics.dialect])]));
      return services.map((service) => {
        const readings = told.map((replica) => readingOf({ ...service, port: servicePort }, replica, dialects[metrics.dialect]));
        return readings.includes(undefined) ? undefined : Object.assign({}, ...readings);
      });
    },
  };
}

interface EndpointSlice extends KubernetesObject {
  endpoints?: { conditions?: { ready?: boolean }; targetRef?: { kind?: string; name?: string } }[] | null;
}

/** Names of the pods that take requests. Errors: there is none, so nobody could say what was counted. */
async function replicas(cluster: Cluster, { namespace, service }: GatewayMetricsPlace): Promise<string[]> {
  const { items } = await cluster.list<EndpointSlice>("EndpointSlice", { namespace, labels: { [serviceLabel]: service } });
  const endpoints = items.flatMap((slice) => slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
  const pods = endpoints.flatMap(({ targetRef }) => (targetRef?.kind === "Pod" && targetRef.name ? [targetRef.name] : []));
  if (pods.length > 0) return [...new Set(pods)];
  const message = `no pod is ready behind the gateway's Service ${namespace}/${service}: its metrics cannot be read`;
  throw new KubernetesError(503, "ServiceUnavailable", message);
}

/** undefined when the pod is gone since it was listed. Errors: it answers with something else than metrics. */
async function textOf(cluster: Cluster, metrics: GatewayMetricsPlace, pod: string): Promise<string | undefined> {
  const { namespace, port, path } = metrics;
  const request = { method: "GET", path, timeout_ms: timeoutMilliseconds, limit_bytes: limitBytes };
  const answer = await cluster.podProxy({ namespace, pod, port }, request).catch((error: unknown) => {
    if (error instanceof KubernetesError && error.reason === "NotFound") return undefined;
    throw error;
  });
  if (answer === undefined) return undefined;
  const { prefix } = dialects[metrics.dialect];
  if (answer.status === 200 && (answer.body.startsWith(prefix) || answer.body.includes(`\n${prefix}`))) return answer.body;
  const instead = `${answer.status} ${JSON.stringify(answer.body.slice(0, 100))}`;
  const message = `pod ${namespace}/${pod} gives no metrics that begin with ${prefix} on port ${port}, ${path}, but ${instead}`;
  throw new KubernetesError(answer.status === 200 ? 502 : answer.status, "MetricsMissing", message);
}

/** What one replica tells, by what it sent the requests to. */
interface Told {
  pod: string;
  /** A target that nothing was sent to yet has none. */
  samples: Map<string, Sample[]>;
}

function toldBy(pod: string, text: string, { requests, duration, presence, target }: Dialect): Told {
  const samples = new Map<string, Sample[]>();
  for (const sample of readSamples(text, [requests, duration, ...(presence ? [presence] : [])])) {
    const name = sample.labels[target] ?? "";
    const known = samples.get(name) ?? [];
    samples.set(name, known);
    if (sample.name !== presence) known.push(sample);
  }
  return { pod, samples };
}

/** undefined when this replica counts for all Services of the route together. */
function readingOf(routed: RoutedPort, { pod, samples }: Told, dialect: Dialect): SlotReading | undefined {
  const { isService, isWholeRoute } = dialect;
  const targets = [...samples.keys()];
  if (isWholeRoute && targets.some((target) => isWholeRoute(target, routed))) return undefined;
  // One Service may have several targets, of which one goes as another comes: each counts for itself.
  const own = targets.filter((target) => isService(target, routed));
  return Object.fromEntries(
    own.flatMap((target) => {
      const counted = samples.get(target) ?? [];
      return counted.length > 0 ? [[`${pod} ${target}`, countersOf(counted, dialect)]] : [];
    }),
  );
}

function countersOf(samples: Sample[], { requests, milliseconds_per_unit, statusClass }: Dialect): SlotCounters {
  const answers = samples.filter(({ name }) => name === requests);
  const buckets = new Map<number, number>();
  for (const { name, labels, value } of samples) {
    if (name === requests) continue;
    const limit = labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels.le) * milliseconds_per_unit;
    buckets.set(limit, (buckets.get(limit) ?? 0) + value);
  }
  return {
    requests: sum(answers),
    client_errors: sum(answers.filter(({ labels }) => statusClass(labels) === "4")),
    errors: sum(answers.filter(({ labels }) => statusClass(labels) === "5")),
    latency: [...buckets].map(([at_most_ms, count]) => ({ at_most_ms, requests: count })).sort((a, b) => a.at_most_ms - b.at_most_ms),
  };
}

const sum = (samples: Sample[]): number => samples.reduce((total, { value }) => total + value, 0);
