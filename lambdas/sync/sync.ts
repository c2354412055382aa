import { cleanUpLeftovers } from "./clean-up-leftovers.ts";
import { healOperations } from "./heal-operations.ts";
import { lookAt } from "./look-at-cluster.ts";
import { observe } from "./observe.ts";
import type { SyncPorts } from "./sync-ports.ts";

/**
 * Keeps the record true, cluster after cluster: what is recorded and not running is started, what has ended or outlived
 * its deadline is ended, what runs is looked at, and what an aborted operation left is removed. A cluster that cannot
 * be reached leaves its observations to age, which is what readers are told.
 */
export async function sync(clusterNames: string[], ports: SyncPorts): Promise<void> {
  for (const name of clusterNames) {
    try {
      await syncCluster(name, ports);
    } catch (error) {
      ports.log.warn(`cluster ${name} could not be synchronized now`, error as Error);
    }
  }
}

async function syncCluster(name: string, ports: SyncPorts): Promise<void> {
  const recorded = await ports.record.heads(await ports.record.deploymentsIn(name));
  await healOperations(recorded, ports);
  const sight = await lookAt(await ports.clusters(name));
  const known = new Set(recorded.map(({ uid }) => uid));
  const others = await ports.record.heads([...sight.uids].filter((uid) => !known.has(uid)));
  const heads = [...recorded, ...others].filter(({ place }) => place.cluster === name);
  await observe(heads, sight, ports);
  await cleanUpLeftovers(heads, sight, ports);
}
