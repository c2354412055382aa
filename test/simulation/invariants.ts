import { currentCondition } from "../../domain/current-condition.ts";
import type { Head } from "../../domain/deployment.ts";
import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { epochOf, routeBackends } from "../../domain/manifests/route.ts";
import { isHeld } from "../../domain/manifests/scaler.ts";
import { labels, workloadName } from "../../domain/names.ts";
import { shutsDown } from "../../domain/operation-kinds.ts";
import type { PromotionChange } from "../../domain/promotion.ts";
import { servedTimes } from "../../domain/serving.ts";
import { isKept, servingSlot } from "../../domain/traffic.ts";
import { slotNames } from "../../domain/words.ts";
import { readyPods } from "./controllers.ts";
import type { Target } from "./effects.ts";
import type { Executor } from "./executor.ts";
import { type Backend, backendsOf } from "./gateway.ts";
import { PromotionInvariants } from "./promotion-invariants.ts";
import type { World } from "./world.ts";

export interface Violation {
  invariant: string;
  message: string;
  time: number;
}

/** How long after its deadline an operation may have no outcome: sync's grace, two of its rounds that fail, and what an executor's clock is wrong by. */
const graceMilliseconds = (120 + 3 * 60 + 60) * 1000;

/** What was seen, which carries its own epoch; digests, which are what they are whoever saw them first; and what has a condition of its own. */
const unfenced = new Set(["saveObserved", "pinDigests", "commit"]);

/** What docs/invariants.md promises, looked at after every side effect and every change in the cluster. */
export class Invariants {
  readonly violations: Violation[] = [];
  private readonly world: World;
  private readonly asked: Set<string>;
  private readonly seenEvents: Map<string, DeploymentEvent[]>;
  /** The newest epoch that has written to the record, by deployment. */
  private readonly newest: Map<string, number>;
  /** What was begun under which key, by operation. */
  private readonly begun = new Map<string, string>();
  private actor: Executor | undefined;
  /** Undefined where there is no model. */
  readonly promotions: PromotionInvariants | undefined;
  /** By operation: how many steps have begun, and when the state machine came to the last of them. */
  private readonly steps = new Map<string, { count: number; visit: string }>();
  /** Deployments of which something serves, and nobody has asked for an interruption. */
  private readonly mustServe: Set<string>;

  constructor(world: World, origin?: Invariants) {
    this.world = world;
    this.asked = new Set(origin?.asked);
    this.seenEvents = new Map([...world.record.events_].map(([uid, events]) => [uid, [...events]]));
    this.newest = new Map(origin?.newest);
    this.mustServe = new Set(origin?.mustServe);
    this.promotions = world.conditions.policy && new PromotionInvariants(world);
    world.cluster.listeners.push((kind, before, after) => this.changed(kind, before, after));
  }

  /** A server's readiness was asked for, and it answered. */
  probed(service: string): void {
    this.asked.add(service);
  }

  /** Around the very moment of an effect: who does it. */
  acting<T>(executor: Executor, act: () => T): T {
    this.actor = executor;
    try {
      return act();
    } finally {
      this.actor = undefined;
    }
  }

  violate(invariant: string, message: string): void {
    const isKnown = this.violations.some((known) => known.invariant === invariant && known.message === message);
    if (!isKnown) this.violations.push({ invariant, message, time: this.world.time.now() });
    this.world.isOver = true;
    this.world.wakeWaiting();
  }

  written(executor: Executor, target: Target, call: string, given: unknown[]): void {
    if (executor.isOutsider) this.violate("no group sees another's", `${executor.name} of another group did ${call}`);
    if (target === "record") this.recordWritten(executor, call, given);
    this.promotions?.written(target === "promotions" ? (given[0] as PromotionChange) : undefined);
  }

  /** However often a request is sent, and whoever answers it: its key begins one operation. */
  private checkKey({ key = "" }: Executor, { operation }: { operation?: { id: string } }): void {
    if (key === "" || !operation) return;
    const first = this.begun.get(key) ?? operation.id;
    this.begun.set(key, first);
    if (first !== operation.id) this.violate("one effect of one key", `${key} began both ${first} and ${operation.id}`);
  }

  private recordWritten(executor: Executor, call: string, given: unknown[]): void {
    const head = this.world.record.heads_.get(uidIn(given[0]));
    if (!head) return;
    const epoch = executor.epoch ?? (given[0] as { epoch?: number }).epoch;
    const newest = this.newest.get(head.uid) ?? 0;
    // Ending once more what has ended so already changes nothing.
    const isRepeated = call === "endOperation" && this.world.record.events_.get(head.uid)?.length === this.seenEvents.get(head.uid)?.length;
    const isFenced = !unfenced.has(call) && !isRepeated;
    if (isFenced && epoch !== undefined && epoch < newest)
      this.violate("no write by an older epoch", `${executor.name} of epoch ${epoch} did ${call} after epoch ${newest} had written`);
    if (head.epoch < newest) this.violate("no write by an older epoch", `HEAD went back from epoch ${newest} to ${head.epoch}`);
    this.newest.set(head.uid, Math.max(newest, head.epoch));
    if (call === "commit") this.checkKey(executor, given[0] as { operation?: { id: string } });
    if (call === "enterStep") this.checkOrder(executor, head, given[3] as string);
    this.checkHistory(head);
    this.checkReady(head);
    if (call === "endOperation") this.checkDeadline(given, isRepeated);
    this.followServing(head);
  }

  /** An executor that has stood still, or whose request was, does not begin its step once its successor has begun. */
  private checkOrder({ name }: Executor, { active_operation: operation }: Head, visit: string): void {
    const count = operation?.steps.length ?? 0;
    const last = this.steps.get(operation?.id ?? "");
    if (!operation || last?.count === count) return;
    if (last && visit < last.visit) this.violate("steps begin in their order", `${name} of ${visit} began after the step of ${last.visit}`);
    this.steps.set(operation.id, { count, visit });
  }

  private checkHistory({ uid, event_sequence }: Head): void {
    const events = this.world.record.events_.get(uid) ?? [];
    const seen = this.seenEvents.get(uid) ?? [];
    const isGapless = events.every(({ sequence }, index) => sequence === index + 1);
    if (!isGapless) this.violate("history without a gap", `sequences ${events.map(({ sequence }) => sequence).join(", ")}`);
    if (event_sequence !== events.length)
      this.violate("history without a gap", `HEAD is at event ${event_sequence}, there are ${events.length}`);
    if (seen.some((event, index) => event !== events[index])) this.violate("history append-only", "an event was changed or removed");
    this.seenEvents.set(uid, [...events]);
  }

  private checkReady(head: Head): void {
    const condition = currentCondition(head, this.world.record.observations.get(head.uid), true);
    const slot = servingSlot(head.slots);
    if (condition.type !== "READY" || condition.status !== "True" || !slot) return;
    const { revision, epoch } = head.slots[slot] ?? { revision: 0, epoch: 0 };
    if (this.asked.has(workloadName(head, "predictor", revision, epoch))) return;
    this.violate("READY means probed", `revision ${revision} of epoch ${epoch} is shown as READY and was never probed`);
  }

  private checkDeadline(given: unknown[], isRepeated: boolean): void {
    const { operation_id } = given[0] as { operation_id: string };
    const operation = this.world.record.operations_.get(operation_id);
    if (isRepeated && operation?.outcome !== null) return;
    const late = this.world.time.now() - Date.parse(operation?.deadline ?? "");
    if (late > graceMilliseconds)
      this.violate("an outcome by the deadline", `${operation?.kind} ended ${Math.round(late / 1000)} s after its deadline`);
  }

  private followServing(head: Head): void {
    const { active_operation: operation } = head;
    const interrupts = operation && (shutsDown(operation.kind) || this.world.record.operations_.get(operation.id)?.interrupts_serving);
    if (interrupts || (!operation && servingSlot(head.slots) === null)) this.mustServe.delete(head.uid);
    else if (!operation && this.isServed(head)) this.mustServe.add(head.uid);
  }

  /** By the newest epoch's word: an older one that took the route away may have been a moment faster than its end. */
  private isServed({ uid, epoch }: Head): boolean {
    const route = this.routeOf(uid);
    const live = this.world.gateway.live().filter((state) => state.uid === uid);
    return route !== undefined && epochOf(route) === epoch && live.every(({ backends }) => backends.length > 0);
  }

  private routeOf = (uid: string): KubernetesObject | undefined =>
    this.world.cluster.all("HTTPRoute").find((route) => ownerOf(route) === uid);

  private changed(kind: Kind, before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    const { epoch } = this.actor ?? {};
    if (before && epoch !== undefined && newestOf(before) > epoch)
      this.violate(
        "no write by an older epoch",
        `${this.actor?.name} of epoch ${epoch} changed ${kind} ${before.metadata.name} of epoch ${newestOf(before)}`,
      );
    if (before && after && epochOf(after) < epochOf(before))
      this.violate(
        "no write by an older epoch",
        `${kind} ${after.metadata.name} went back from epoch ${epochOf(before)} to ${epochOf(after)}`,
      );
    // While nothing answers nobody asks, and who comes afterwards comes to what is there by then.
    const isEmpty = [before, after].some((route) => route && backendsOf(route).length === 0);
    if (kind === "HTTPRoute" && after && isEmpty) this.world.controllers.forget(ownerOf(after));
    if (kind === "HTTPRoute" || kind === "Deployment" || kind === "Service" || kind === "Pod") this.checkCapacity();
  }

  private checkCapacity(): void {
    for (const { uid, backends } of this.world.gateway.live()) {
      if (backends.length === 0 && this.mustServe.has(uid)) this.violate("capacity behind the live route", "nothing is routed to");
      const total = backends.reduce((sum, { weight }) => sum + weight, 0);
      for (const backend of backends) this.checkBackend(backend, weightedDemand(this.world.controllers.demandOf(uid), backend, total));
    }
  }

  private checkBackend({ name, weight }: Backend, needed: number): void {
    const { cluster, controllers, gateway } = this.world;
    const service = cluster.all("Service").find(({ metadata }) => metadata.name === name);
    const deployment = service && cluster.find("Deployment", service.metadata.namespace ?? null, name);
    if (!deployment) {
      this.violate("capacity behind the live route", `${name} has ${weight} % of the traffic and was removed`);
      return;
    }
    const ready = gateway.knowsInstancesOf(name) ? readyPods(controllers.podsOf(deployment)) : 0;
    if (ready < needed)
      this.violate("capacity behind the live route", `${name} has ${weight} % of the traffic, ${ready} instances and needs ${needed}`);
  }

  /** When all has come to rest. */
  atRest(canary: string): void {
    const { record, cluster, time, evidence } = this.world;
    for (const operation of record.operations_.values()) {
      if (operation.outcome === null) this.violate("an outcome by the deadline", `${operation.kind} ${operation.id} has no outcome`);
    }
    this.promotions?.atRest();
    for (const head of record.heads_.values()) this.checkLeft(head, time.now());
    for (const head of record.heads_.values()) this.checkServed(head);
    const said = [record.heads_, record.events_, record.operations_, record.observations, record.revisions_, record.cards_, evidence];
    const sinks = [...said.map((sink) => JSON.stringify([...sink])), JSON.stringify([...this.world.executions.store.executions])];
    if ([...sinks, ...this.world.log].some((sink) => sink.includes(canary))) this.violate("no secret in any sink", "the secret was found");
    for (const { kind, spec } of cluster.objects.values()) {
      if (kind !== "Secret" && JSON.stringify(spec ?? null).includes(canary)) this.violate("no secret in any sink", `it is in a ${kind}`);
    }
  }

  /** By what its operations have left behind, the revision that serves is the one that serves. */
  private checkServed({ uid, revisions: { running } }: Head): void {
    const own = [...this.world.record.operations_.values()].filter((operation) => operation.uid === uid);
    const times = servedTimes(own.toSorted((one, other) => (one.id < other.id ? -1 : 1)));
    const all = [...times].flatMap(([revision, served]) => served.map(({ from, to }) => ({ revision, from, to })));
    const open = all.filter(({ to }) => to === null).map(({ revision }) => revision);
    if (open.join() !== (running === null ? "" : `${running}`))
      this.violate("history tells what serves", `operations say revision ${open.join() || "none"}, HEAD says ${running}`);
    const wrong = all.find(({ from, to }) => to !== null && to < from);
    if (wrong) this.violate("history tells what serves", `revision ${wrong.revision} ended serving at ${wrong.to}, before ${wrong.from}`);
  }

  private checkLeft(head: Head, now: number): void {
    const slots = slotNames.flatMap((slot) => head.slots[slot] ?? []);
    const idle = slots.find((slot) => !isKept(slot, now));
    if (idle) this.violate("nothing is left behind", `the record still names revision ${idle.revision} of epoch ${idle.epoch}`);
    for (const { kind, metadata } of this.world.cluster.objects.values()) {
      const own = metadata.labels ?? {};
      if (own[labels.uid] !== head.uid) continue;
      const isOfSlot = slots.some(
        ({ revision, epoch }) => own[labels.revision] === String(revision) && own[labels.epoch] === String(epoch),
      );
      const isRoute = kind === "HTTPRoute" && head.deleted_at === null;
      if (!isOfSlot && !isRoute) this.violate("nothing is left behind", `${kind} ${metadata.name} is still there`);
    }
    this.checkRoute(head);
    for (const scaler of this.world.cluster.all("HorizontalPodAutoscaler")) {
      if (ownerOf(scaler) === head.uid && slots.length === 1 && isHeld(scaler))
        this.violate("sizes are let go", `${scaler.metadata.name} is held although nothing is under way`);
    }
  }

  private checkRoute(head: Head): void {
    const route = this.routeOf(head.uid);
    const said = routeBackends(head).map(({ name, weight }) => `${name} ${weight}`);
    const is = backendsOf(route).map(({ name, weight }) => `${name} ${weight}`);
    if (said.sort().join() !== is.sort().join())
      this.violate("the route says what the record says", `route: ${is.join() || "nothing"}; record: ${said.join() || "nothing"}`);
  }
}

const weightedDemand = (demand: number, { weight }: Backend, total: number): number => Math.ceil((demand * weight) / total);

/** Uid of the deployment that an object belongs to. */
const ownerOf = ({ metadata }: KubernetesObject): string => metadata.labels?.[labels.uid] ?? "";

/** Of the deployment that a write to the record is about: each names it in its first argument. */
function uidIn(given: unknown): string {
  if (typeof given === "string") return given;
  const { uid, before, after } = given as { uid?: string; before?: Head; after?: Head };
  return uid ?? (after ?? before)?.uid ?? "";
}

/** By its labels, or by whoever has claimed it. */
const newestOf = (object: KubernetesObject): number => Math.max(epochOf(object), Number(object.metadata.labels?.[labels.epoch] ?? 0));
