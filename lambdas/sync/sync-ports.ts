import type { Clusters } from "../ports/cluster.ts";
import type { ClusterIndex, DeploymentReader, DeploymentWriter, OperationProgress } from "../ports/record.ts";
import type { Clock, Log } from "../ports/surroundings.ts";
import type { Workflows } from "../ports/workflows.ts";

export interface SyncPorts {
  record: DeploymentReader & DeploymentWriter & OperationProgress & ClusterIndex;
  workflows: Workflows;
  clusters: Clusters;
  clock: Clock;
  log: Log;
}

/** One deployment's trouble is not the others': it is said, and looked at again in a minute. */
export async function forEach<T>(items: T[], nameOf: (item: T) => string, log: Log, work: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) {
    await work(item).catch((error: unknown) => log.warn(`${nameOf(item)} could not be synchronized now`, error as Error));
  }
}
