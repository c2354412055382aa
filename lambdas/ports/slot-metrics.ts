import type { Head, SlotRecord } from "../../domain/deployment.ts";
import type { SlotReading } from "../../domain/slot-figures.ts";

/** What the gateway itself has counted of the requests that it sent to a slot. */
export interface SlotMetrics {
  /**
   * The counters as they are now. undefined where the gateway's place names none; a gateway that names them and cannot
   * be read is a `WorkflowError("ClusterUnavailable")` or a `KubernetesError`.
   */
  read(head: Head, record: SlotRecord): Promise<SlotReading | undefined>;
}
