import { judgeAlerts, judgedMilliseconds, type Objectives, objectivesOf } from "../../domain/alerts.ts";
import type { Head, SlotRecord } from "../../domain/deployment.ts";
import { measure, newMilliseconds } from "../../domain/metrics.ts";
import { servingSlot } from "../../domain/traffic.ts";
import type { MetricsStore } from "../ports/metrics-store.ts";
import { type ClusterIndex, type DeploymentReader, type DeploymentWriter, RecordConflict } from "../ports/record.ts";
import type { Clock, Log } from "../ports/surroundings.ts";
import { instant } from "../rollout/step.ts";

export interface AlertPorts {
  record: DeploymentReader & DeploymentWriter & ClusterIndex;
  store: Pick<MetricsStore, "between">;
  /** What revisions are held to, by deployment and number. They never change: each is read once in the life of a process. */
  known: Map<string, Objectives | null>;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** As many at once as leave the others their connections. */
const atOnce = 10;

/**
 * Holds each deployment that is monitored to its objectives, by what its gateway has counted in the last minutes for what
 * serves. Only what changes is written: as an event, which the bus and its topic tell others.
 */
export async function raiseAlerts(clusterNames: readonly string[], ports: AlertPorts): Promise<void> {
  for (const cluster of clusterNames) {
    const heads = await ports.record.heads(await ports.record.deploymentsIn(cluster));
    for (let start = 0; start < heads.length; start += atOnce) {
      await Promise.all(heads.slice(start, start + atOnce).map((head) => judge(head, ports)));
    }
  }
}

async function judge(head: Head, ports: AlertPorts): Promise<void> {
  try {
    await judgeDeployment(head, ports);
  } catch (error) {
    // Somebody has changed it meanwhile: it is looked at again in a minute.
    if (!(error instanceof RecordConflict)) ports.log.warn(`deployment ${head.id} could not be held to its objectives now`, error as Error);
  }
}

async function judgeDeployment(head: Head, ports: AlertPorts): Promise<void> {
  const { record, store, clock } = ports;
  const slot = servingSlot(head.slots);
  const serving = slot && head.slots[slot];
  if (!serving) return;
  const objectives = await objectivesFor(head.uid, serving.revision, ports);
  if (!objectives && !head.alerts?.length) return;
  const measured = await measuredOf(head, serving, store, clock.now());
  const annotation = judgeAlerts(head, { at: instant(clock), revision: serving.revision, objectives, measured });
  if (annotation) await record.annotate(annotation);
}

async function objectivesFor(uid: string, number: number, { record, known }: AlertPorts): Promise<Objectives | null> {
  const key = `${uid}/${number}`;
  const told = known.get(key);
  if (told !== undefined) return told;
  const revision = await record.revision(uid, number);
  const objectives = revision ? objectivesOf(revision.specification) : null;
  known.set(key, objectives);
  return objectives;
}

/** Of what serves, and not of what served before in the same time. */
async function measuredOf({ uid }: Head, { revision, epoch }: SlotRecord, store: AlertPorts["store"], now: number) {
  const from = now - judgedMilliseconds;
  const readings = await store.between(uid, from - newMilliseconds, now);
  const own = readings.filter((reading) => reading.revision === revision && reading.epoch === epoch);
  return measure(own, { from, until: now, step: judgedMilliseconds }).total;
}
