/** What one Service was asked for, with which outcome. */
export interface CountedRequest {
  /** As Traefik names it: `<namespace>-<service>-http-<port>@kubernetesgateway`. */
  service: string;
  method: string;
  protocol: "http" | "sse";
  code: number;
  seconds: number;
}

interface Series {
  labels: string;
  requests: number;
  seconds: number;
  /** By limit: requests that took at most so long. */
  buckets: number[];
}

/** Traefik's own when nothing else is configured. */
const limits = [0.1, 0.3, 1.2, 5];
const knownMethods = ["HEAD", "GET", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI"];

/** Counters of a data plane, told in Prometheus' text format with the names, labels and buckets of Traefik 3.6. */
export class RequestCounters {
  readonly #series = new Map<string, Series>();
  #reloads = 0;

  reloaded(): void {
    this.#reloads += 1;
  }

  count({ service, method, protocol, code, seconds }: CountedRequest): void {
    const known = knownMethods.includes(method) ? method : "EXTENSION_METHOD";
    const labels = `code="${code}",method="${known}",protocol="${protocol}",service="${service}"`;
    const series = this.#series.get(labels) ?? { labels, requests: 0, seconds: 0, buckets: limits.map(() => 0) };
    this.#series.set(labels, series);
    series.requests += 1;
    series.seconds += seconds;
    limits.forEach((limit, index) => {
      if (seconds <= limit) series.buckets[index] = (series.buckets[index] ?? 0) + 1;
    });
  }

  text(): string {
    const all = [...this.#series.values()].sort((a, b) => (a.labels < b.labels ? -1 : 1));
    const parts = "partitioned by status code, protocol, and method.";
    return [
      ...family("traefik_config_reloads_total", "counter", "Config reloads", [`traefik_config_reloads_total ${this.#reloads}`]),
      ...family(duration, "histogram", `How long it took to process the request on a service, ${parts}`, all.flatMap(histogram)),
      ...family(requests, "counter", `How many HTTP requests processed on a service, ${parts}`, all.map(counter)),
      "",
    ].join("\n");
  }
}

const requests = "traefik_service_requests_total";
const duration = "traefik_service_request_duration_seconds";

/** A family without samples is not told of. */
const family = (name: string, type: string, help: string, samples: string[]): string[] =>
  samples.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples];

const counter = (series: Series): string => `${requests}{${series.labels}} ${series.requests}`;

function histogram({ labels, buckets, requests: count, seconds }: Series): string[] {
  return [
    ...limits.map((limit, index) => `${duration}_bucket{${labels},le="${limit}"} ${buckets[index]}`),
    `${duration}_bucket{${labels},le="+Inf"} ${count}`,
    `${duration}_sum{${labels}} ${seconds}`,
    `${duration}_count{${labels}} ${count}`,
  ];
}
