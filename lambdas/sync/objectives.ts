import { seenSlot } from "../../domain/current-condition.ts";
import type { Head, SlotRecord } from "../../domain/deployment.ts";
import { entryName } from "../../domain/manifests/route.ts";
import { routeName } from "../../domain/names.ts";
import { type Counted, judgeObjective, objectiveLimits } from "../../domain/objective.ts";
import type { MissedObjective, Observed } from "../../domain/observed.ts";
import type { GatewayMetricsPlace } from "../../domain/place.ts";
import { countedBetween, type SlotCounters, type SlotReading } from "../../domain/slot-figures.ts";
import type { Limits } from "../../domain/traffic-limits.ts";
import { type SlotName, slotNames } from "../../domain/words.ts";
import type { DeploymentReader } from "../ports/record.ts";
import type { GatewayFigures } from "../ports/slot-metrics.ts";
import type { Clock, Log } from "../ports/surroundings.ts";
import { revisionOf } from "./known-revisions.ts";

interface ObjectivePorts {
  record: Pick<DeploymentReader, "revision">;
  figures: GatewayFigures;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** One reading of a gateway serves all of its deployments, so often. Milliseconds. */
const rhythm = 30_000;
const nothing: SlotCounters = { requests: 0, client_errors: 0, errors: 0, latency: [] };

/** What was counted of one slot with traffic. */
interface Metered {
  /** Of each replica of the gateway that was ever read. */
  known: SlotReading;
  at: number;
  /** Oldest first. */
  counted: Counted[];
  /** null: the revision has none, so nothing is missed. undefined: nobody needed them yet. */
  limits?: Limits | null | undefined;
}

/** How the deployments of one cluster answer, and whether that is as their revisions say it should be. */
export class Objectives {
  private readonly metered = new Map<string, Metered>();
  private readonly cluster: string;
  private readonly ports: ObjectivePorts;
  private measuredAt = Number.NEGATIVE_INFINITY;
  private isSilent = false;

  constructor(cluster: string, ports: ObjectivePorts) {
    this.cluster = cluster;
    this.ports = ports;
  }

  isDue(): boolean {
    return this.ports.clock.now() - this.measuredAt >= rhythm;
  }

  /** Reads what the gateways have counted since the last time. One that cannot be read is told of once, and read again at the next. */
  async measure(heads: Head[]): Promise<void> {
    this.measuredAt = this.ports.clock.now();
    try {
      const serving = heads.flatMap(servingSlots);
      for (const [, all = []] of Object.entries(Object.groupBy(serving, ({ gateway }) => JSON.stringify(gateway)))) await this.read(all);
      this.forgetOthers(serving);
      this.isSilent = false;
    } catch (error) {
      if (!this.isSilent) this.ports.log.warn(`the gateway of cluster ${this.cluster} does not tell what it counts now`, error as Error);
      this.isSilent = true;
    }
  }

  /** undefined: it cannot be said. `before`: what was said last of the same slot. */
  missedIn(head: Head, { weight, ...record }: SlotRecord, before: MissedObjective | null): MissedObjective | null | undefined {
    const { limits, counted = [] } = this.metered.get(keyOf(head, record)) ?? {};
    if (weight === 0 || limits === null) return null;
    const now = this.ports.clock.now();
    if (limits) return judgeObjective(limits, counted, before, now);
    // Without a request nobody has asked for the limits.
    return now - (counted[0]?.from ?? now) < objectiveLimits.longest ? undefined : null;
  }

  /** Whether there is something else to say of a deployment than was seen of it last. */
  isNews(head: Head, seen: Observed | undefined): boolean {
    return slotNames.some((slot) => {
      const [record, known] = [head.slots[slot], seenSlot(head, seen, slot)];
      if (!record || !known) return false;
      const now = this.missedIn(head, record, known.missed ?? null);
      return now !== undefined && now?.at !== known.missed?.at;
    });
  }

  private async read(serving: Serving[]): Promise<void> {
    const services = serving.map(({ head, record }) => ({
      ...{ namespace: head.place.namespace, route: routeName(head), service: entryName(head, record) },
    }));
    const readings = await this.ports.figures.read(this.cluster, (serving[0] as Serving).gateway, services);
    const at = this.ports.clock.now();
    for (const [index, each] of serving.entries()) {
      const reading = readings[index];
      if (reading) await this.count(each, reading, at);
    }
  }

  private async count({ head, record }: Serving, reading: SlotReading, at: number): Promise<void> {
    const key = keyOf(head, record);
    const before = this.metered.get(key);
    if (!before) return void this.metered.set(key, { known: reading, at, counted: [] });
    const counted = countedBetween(before.known, reading);
    Object.assign(before.known, reading);
    before.counted.push({ from: before.at, until: at, counted: counted.requests > 0 ? counted : nothing });
    before.at = at;
    while ((before.counted[0]?.from ?? at) < at - objectiveLimits.longest - rhythm) before.counted.shift();
    // Of what an operation is about to make the digests are not known yet.
    if (before.limits === undefined && counted.requests > 0 && !head.active_operation) {
      before.limits = (await revisionOf(this.ports.record, head.uid, record))?.specification.rollout.auto_rollback;
    }
  }

  private forgetOthers(serving: Serving[]): void {
    const there = new Set(serving.map(({ head, record }) => keyOf(head, record)));
    for (const key of this.metered.keys()) if (!there.has(key)) this.metered.delete(key);
  }
}

interface Serving {
  head: Head;
  record: SlotRecord;
  gateway: GatewayMetricsPlace;
}

function servingSlots(head: Head): Serving[] {
  const gateway = head.place.gateway.metrics;
  if (!gateway) return [];
  return slotNames.flatMap((slot: SlotName) => {
    const record = head.slots[slot];
    return record && record.weight > 0 ? [{ head, record, gateway }] : [];
  });
}

const keyOf = ({ uid }: Head, { revision, epoch }: Pick<SlotRecord, "revision" | "epoch">): string => `${uid}/${revision}/${epoch}`;
