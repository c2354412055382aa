import type { Head, SlotRecord } from "../../domain/deployment.ts";
import type { GatewayMetricsPlace } from "../../domain/place.ts";
import type { SlotReading } from "../../domain/slot-figures.ts";

/** What the gateway itself has counted of the requests that it sent to a slot. */
export interface SlotMetrics {
  /**
   * The counters as they are now. undefined where the gateway's place names none; a gateway that names them and cannot
   * be read is a `WorkflowError("ClusterUnavailable")` or a `KubernetesError`.
   */
  read(head: Head, record: SlotRecord): Promise<SlotReading | undefined>;
}

/** The same for everything that a gateway serves: each of its replicas is read once, however many ask. */
export interface GatewayFigures {
  /**
   * The counters of these Services as they are now, in their order; undefined where the gateway counts for all Services
   * of a route together. Errors: as `SlotMetrics`.
   */
  read(cluster: string, metrics: GatewayMetricsPlace, services: readonly RoutedService[]): Promise<(SlotReading | undefined)[]>;
}

/** A Service as a route refers to it. */
export interface RoutedService {
  namespace: string;
  /** HTTPRoute in that namespace. */
  route: string;
  service: string;
}
