import type { FreshnessMode } from "../../domain/freshness.ts";
import type { Clusters } from "../ports/cluster.ts";
import type { EvidenceStore } from "../ports/evidence.ts";
import type { ClusterIndex, DeploymentReader, DeploymentWriter, OperationProgress } from "../ports/record.ts";
import type { Clock, Log } from "../ports/surroundings.ts";
import type { StartWatch, Watches } from "../ports/watches.ts";
import type { Workflows } from "../ports/workflows.ts";

/** What looking takes, whoever looks. */
export interface ObservePorts {
  record: DeploymentReader & DeploymentWriter & OperationProgress;
  /** For what an instance left that has ended. */
  clusters: Clusters;
  evidence: EvidenceStore;
  clock: Clock;
  log: Log;
}

/** Who watches a cluster, and whether somebody is to. */
export interface FreshnessPorts {
  watches: Watches;
  startWatch: StartWatch;
  freshness: FreshnessMode;
}

export interface SyncPorts extends ObservePorts, FreshnessPorts {
  record: ObservePorts["record"] & ClusterIndex;
  workflows: Workflows;
}

/** One deployment's trouble is not the others': it is said, and looked at again in a minute. Gives what was in trouble. */
export async function forEach<T>(items: T[], nameOf: (item: T) => string, log: Log, work: (item: T) => Promise<void>): Promise<T[]> {
  const inTrouble: T[] = [];
  for (const item of items) {
    await work(item).catch((error: unknown) => {
      inTrouble.push(item);
      log.warn(`${nameOf(item)} could not be synchronized now`, error as Error);
    });
  }
  return inTrouble;
}
