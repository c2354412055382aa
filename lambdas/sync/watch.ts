import type { Head } from "../../domain/deployment.ts";
import { isWatched, isWatchWanted, type Watch, watchLimits } from "../../domain/freshness.ts";
import type { Observed } from "../../domain/observed.ts";
import type { GatewayFigures } from "../ports/slot-metrics.ts";
import type { NewId } from "../ports/surroundings.ts";
import type { WatchStart } from "../ports/watches.ts";
import { instant } from "../rollout/step.ts";
import { ClusterWatch } from "./cluster-watch.ts";
import { Objectives } from "./objectives.ts";
import { isObserved, observeDeployment, type SlotSight } from "./observe.ts";
import type { FreshnessPorts, ObservePorts } from "./sync-ports.ts";

export interface WatchPorts extends ObservePorts, FreshnessPorts {
  newId: NewId;
  figures: GatewayFigures;
}

/** A successor lists and watches within this time, so that it can take over at once. */
const successorMilliseconds = 20_000;
/** What is left for writing the last word. */
const reserveMilliseconds = 5_000;
const takeOverMilliseconds = 500;
/** Time alone changes what is seen of some, and HEAD of those with an operation under way. */
const lookAgainMilliseconds = 5_000;
/** So many deployments are looked at, each as long as it takes: one that is slow to tell why keeps no other waiting. */
const atOnce = 8;
/** That are named as not known to be as they were; with more, nothing is said of the whole cluster. */
const mostBehind = 50;

/**
 * Watches one cluster and writes what changes as it changes, while it holds the cluster's word and somebody wants it to.
 * Before its time is over it starts its successor, which waits for the word with everything listed.
 */
export async function watch(start: WatchStart, ports: WatchPorts, remainingMilliseconds: () => number): Promise<void> {
  const { clock, log } = ports;
  if (!start.successor_of && isWatched(await ports.watches.find(start.cluster), clock.now())) return;
  let eyes: ClusterWatch | undefined;
  try {
    eyes = new ClusterWatch({ cluster: await ports.clusters(start.cluster), clock, log });
    await eyes.begin();
    await new WatchRun(start, eyes, ports).follow(remainingMilliseconds);
  } catch (error) {
    // The schedule begins anew within a minute; until then what was seen ages, which is what readers are told.
    log.warn(`the watch of cluster ${start.cluster} has ended`, error as Error);
  } finally {
    eyes?.stop();
  }
}

class WatchRun {
  private readonly id: string;
  private readonly cluster: string;
  private readonly predecessor: string | undefined;
  private readonly eyes: ClusterWatch;
  private readonly ports: WatchPorts;
  private readonly objectives: Objectives;
  private readonly waiting = new Set<string>();
  private readonly looking = new Map<string, Promise<void>>();
  private readonly behind = new Set<string>();
  /** Of those that wait or are looked at: nothing has changed, but time may. */
  private readonly onlyAgain = new Set<string>();
  private readonly heads = new Map<string, Head>();
  private readonly seen = new Map<string, Observed>();
  private hasSuccessor = false;
  private saidAt = Number.NEGATIVE_INFINITY;
  private lookedAgainAt = 0;

  constructor({ cluster, successor_of }: WatchStart, eyes: ClusterWatch, ports: WatchPorts) {
    this.id = ports.newId();
    this.cluster = cluster;
    this.predecessor = successor_of;
    this.eyes = eyes;
    this.ports = ports;
    this.objectives = new Objectives(cluster, ports);
  }

  async follow(remainingMilliseconds: () => number): Promise<void> {
    if (!(await this.takeOver(remainingMilliseconds))) return;
    for (const uid of this.eyes.deployments()) this.waiting.add(uid);
    for (;;) {
      this.catchUp();
      this.measure();
      const isOver = remainingMilliseconds() < reserveMilliseconds;
      if (isOver || !(await this.keepWord())) {
        await Promise.all(this.looking.values());
        return this.ports.watches.release(this.cluster, this.id);
      }
      if (remainingMilliseconds() < successorMilliseconds) await this.startSuccessor();
      if (this.next() === undefined) await this.eyes.changed(1_000);
    }
  }

  /** Waits for the one before, and for nobody else. */
  private async takeOver(remainingMilliseconds: () => number): Promise<boolean> {
    while (!(await this.say(null))) {
      const { holder } = await this.ports.watches.find(this.cluster);
      if (holder !== this.predecessor || remainingMilliseconds() < successorMilliseconds) return false;
      await this.ports.clock.sleep(takeOverMilliseconds);
    }
    return true;
  }

  /** false: another has the word, or nobody wants it kept. */
  private async keepWord(): Promise<boolean> {
    const { clock, freshness } = this.ports;
    if (clock.now() - this.saidAt < watchLimits.renewal * 1000) return true;
    const changed = [...this.waiting, ...this.looking.keys()].filter((uid) => !this.onlyAgain.has(uid));
    const behind = [...new Set([...this.behind, ...changed])];
    const trueAt = behind.length <= mostBehind ? this.eyes.trueAt() : null;
    const word = await this.say(trueAt === null ? null : { at: instant({ now: () => trueAt }), behind });
    const operating = [...this.heads.values()].some(({ active_operation }) => active_operation !== null);
    return word !== undefined && isWatchWanted(freshness, word, operating, clock.now());
  }

  private async say(seen: { at: string; behind: string[] } | null): Promise<Watch | undefined> {
    const now = this.ports.clock.now();
    this.saidAt = now;
    const until = new Date(now + watchLimits.lease * 1000).toISOString();
    return this.ports.watches.hold(this.cluster, { holder: this.id, now: new Date(now).toISOString(), until, seen });
  }

  private async startSuccessor(): Promise<void> {
    if (this.hasSuccessor) return;
    this.hasSuccessor = true;
    const { startWatch, log } = this.ports;
    await startWatch({ cluster: this.cluster, successor_of: this.id }).catch((error: unknown) =>
      log.warn(`the next watch of cluster ${this.cluster} could not be started: the schedule will`, error as Error),
    );
  }

  private catchUp(): void {
    const { uids, namespaces } = this.eyes.takeChanges();
    for (const uid of uids) this.hasChanged(uid);
    const again = this.ports.clock.now() - this.lookedAgainAt >= lookAgainMilliseconds;
    if (again) this.lookAgain();
    for (const [uid, { place }] of this.heads) if (namespaces.has(place.namespace) && this.isUnsettled(uid)) this.hasChanged(uid);
    for (let uid = this.next(); uid !== undefined; uid = this.next()) this.begin(uid);
  }

  private hasChanged(uid: string): void {
    this.onlyAgain.delete(uid);
    this.waiting.add(uid);
  }

  /** One that may be looked at now: of two looks at the same, one would be overtaken. */
  private next(): string | undefined {
    if (this.looking.size >= atOnce) return undefined;
    for (const uid of this.waiting) if (!this.looking.has(uid)) return uid;
    return undefined;
  }

  private begin(uid: string): void {
    this.waiting.delete(uid);
    const look = this.look(uid).then(() => {
      this.looking.delete(uid);
      if (!this.waiting.has(uid)) this.onlyAgain.delete(uid);
      this.eyes.wake();
    });
    this.looking.set(uid, look);
  }

  /** Beside all else: a gateway that is slow to tell keeps nobody from being looked at. */
  private measure(): void {
    if (!this.objectives.isDue()) return;
    void this.objectives.measure([...this.heads.values()]).then(() => {
      for (const [uid, head] of this.heads) if (this.objectives.isNews(head, this.seen.get(uid))) this.waiting.add(uid);
    });
  }

  private sightOf(uid: string): SlotSight {
    return { ...this.eyes.sightOf(uid), missedIn: (...given) => this.objectives.missedIn(...given) };
  }

  private lookAgain(): void {
    this.lookedAgainAt = this.ports.clock.now();
    const unsettled = [...this.heads.keys()].filter((uid) => this.isUnsettled(uid));
    for (const uid of unsettled.filter((each) => !this.waiting.has(each) && !this.looking.has(each))) this.onlyAgain.add(uid);
    for (const uid of [...unsettled, ...this.behind]) this.waiting.add(uid);
    this.eyes.restEvents(new Set(unsettled.map((uid) => this.heads.get(uid)?.place.namespace ?? "")));
  }

  /** Under way, or not as it should be. */
  private isUnsettled(uid: string): boolean {
    const isUnderWay = (this.heads.get(uid)?.active_operation ?? null) !== null;
    const slots = Object.values(this.seen.get(uid)?.slots ?? {});
    return isUnderWay || slots.some((slot) => slot !== null && slot.condition.status !== "True");
  }

  private async look(uid: string): Promise<void> {
    const { record, log } = this.ports;
    try {
      const found = await record.state(uid);
      if (!found || found.head.place.cluster !== this.cluster) return this.forget(uid);
      this.heads.set(uid, found.head);
      if (!isObserved(found.head)) return void this.seen.delete(uid);
      const before = newer(found.observed, this.seen.get(uid));
      const now = await observeDeployment(found.head, before, this.sightOf(uid), this.ports);
      this.behind.delete(uid);
      if (now) return void this.seen.set(uid, now);
      // Overtaken: what was written meanwhile is read first.
      this.seen.delete(uid);
      this.hasChanged(uid);
    } catch (error) {
      this.behind.add(uid);
      log.warn(`what is seen of deployment ${uid} could not be written now`, error as Error);
    }
  }

  /** What carries our labels and is not ours, or is no more. */
  private forget(uid: string): void {
    this.heads.delete(uid);
    this.seen.delete(uid);
    this.behind.delete(uid);
  }
}

/** A read may be a moment old: what this run has written itself is not forgotten over it. */
function newer(read: Observed | undefined, own: Observed | undefined): Observed | undefined {
  return read && own && own.version > read.version ? own : (read ?? own);
}
