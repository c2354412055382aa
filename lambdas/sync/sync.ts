import type { Head } from "../../domain/deployment.ts";
import { isWatched, isWatchWanted } from "../../domain/freshness.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { Claim, Watches } from "../ports/watches.ts";
import { instant } from "../rollout/step.ts";
import { cleanUpLeftovers } from "./clean-up-leftovers.ts";
import { healOperations } from "./heal-operations.ts";
import { lookAt, lookForLeftovers } from "./look-at-cluster.ts";
import { observe } from "./observe.ts";
import type { SyncPorts } from "./sync-ports.ts";
import { needed } from "./unseen.ts";

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
  const { record, watches, clock } = ports;
  const recorded = await record.heads(await record.deploymentsIn(name));
  await healOperations(recorded, ports);
  const isWatchedNow = await keepWatched(name, recorded, ports);
  const begun = clock.now();
  const cluster = await ports.clusters(name);
  // Whoever watches sees and writes what runs: of two who look, the one that has looked earlier could write later.
  const sight = isWatchedNow ? undefined : await lookAt(cluster);
  const leftovers = sight ?? (await lookForLeftovers(cluster));
  for (const { kind, message } of leftovers.unseen) ports.log.warn(`${kind} objects of cluster ${name} cannot be looked at: ${message}`);
  const known = new Set(recorded.map(({ uid }) => uid));
  const others = await record.heads([...leftovers.uids].filter((uid) => !known.has(uid)));
  const heads = [...recorded, ...others].filter(({ place }) => place.cluster === name);
  if (sight && !sight.unseen.some(({ kind }) => needed.includes(kind))) {
    const behind = await observe(heads, sight, ports);
    await vouch(watches, name, { at: instant({ now: () => begun }), behind: behind.map(({ uid }) => uid) }, clock);
  }
  await cleanUpLeftovers(heads, leftovers, ports);
}

/** Whether somebody watches the cluster; starts a run that does when one is wanted and none is there. */
async function keepWatched(cluster: string, heads: Head[], { watches, startWatch, freshness, clock, log }: SyncPorts): Promise<boolean> {
  const watch = await watches.find(cluster);
  if (isWatched(watch, clock.now())) return true;
  const operating = heads.some(({ active_operation }) => active_operation !== null);
  if (isWatchWanted(freshness, watch, operating, clock.now())) {
    await startWatch({ cluster }).catch((error: unknown) =>
      log.warn(`the watch of cluster ${cluster} could not be started`, error as Error),
    );
  }
  return false;
}

/** Taken for no time at all: the word counts only where nobody watches by now. */
async function vouch(watches: Watches, cluster: string, seen: Claim["seen"], clock: Pick<Clock, "now">): Promise<void> {
  const now = instant(clock);
  await watches.hold(cluster, { holder: "sync", now, until: now, seen });
}
