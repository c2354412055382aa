import type { GatewayDialect } from "../../domain/place.ts";
import type { RoutedService } from "../ports/slot-metrics.ts";

/** How a gateway names what it counts. */
export interface Dialect {
  /** With which the name of every metric of its own begins. */
  prefix: string;
  /** Counter of answers, and the buckets of the histogram of their durations. */
  requests: string;
  duration: string;
  milliseconds_per_unit: number;
  /** Label that tells what the requests were sent to. */
  target: string;
  /** The first digit of an answer's status. */
  statusClass(labels: Record<string, string>): string;
  /** Whether a target is this Service. */
  isService(target: string, place: RoutedPort): boolean;
  /** Whether a target stands for all Services of this route at once: then none of them can be told from the others. */
  isWholeRoute?(target: string, place: RoutedPort): boolean;
  /** Metric that has every target, also one that nothing was sent to yet. */
  presence?: string;
}

/** A Service as a route holds it, with the Service's port. */
export type RoutedPort = RoutedService & { port: number };

/** Numbers at which a route holds a Service; a name is matched whole, since names may be the beginning of others. */
const isNumber = (text: string): boolean => /^\d+$/.test(text);

export const dialects: Record<GatewayDialect, Dialect> = {
  traefik: {
    prefix: "traefik_",
    requests: "traefik_service_requests_total",
    duration: "traefik_service_request_duration_seconds_bucket",
    milliseconds_per_unit: 1000,
    target: "service",
    statusClass: ({ code = "" }) => /^(\d)\d\d$/.exec(code)?.[1] ?? "",
    // 3.2 to 3.7.5: `ns-service-http-80@kubernetesgateway`; since then `<route, gateway and rule>-svc-ns-service-<position>@…`.
    isService: (target, { namespace, service, port }) => {
      const [name = "", provider] = target.split("@");
      if (provider !== "kubernetesgateway") return false;
      const own = `${namespace}-${service}`;
      const [, position = ""] = name.split(`-svc-${own}-`);
      return name === `${own}-http-${port}` || isNumber(position);
    },
  },
  envoy: {
    prefix: "envoy_",
    requests: "envoy_cluster_upstream_rq_xx",
    duration: "envoy_cluster_upstream_rq_time_bucket",
    milliseconds_per_unit: 1,
    target: "envoy_cluster_name",
    statusClass: ({ envoy_response_code_class = "" }) => envoy_response_code_class,
    // Envoy Gateway with `mergeBackends`: `service/ns/service/80`, with the protocol behind it.
    isService: (target, { namespace, service, port }) => `${target}/`.startsWith(`service/${namespace}/${service}/${port}/`),
    // Without, and where it cannot merge: `httproute/ns/route/rule/0`, with a position behind it or not.
    isWholeRoute: (target, { namespace, route }) => target.startsWith(`httproute/${namespace}/${route}/rule/`),
    presence: "envoy_cluster_upstream_rq_total",
  },
};
