import { isDeepStrictEqual } from "node:util";
import type { Client } from "../../domain/client.ts";
import type { Condition } from "../../domain/condition.ts";
import type { Annotation, ClientChange, Ending } from "../../domain/decision.ts";
import type { Card, Head, SlotRecord } from "../../domain/deployment.ts";
import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { Evidence } from "../../domain/evidence.ts";
import { stillSeen } from "../../domain/freshness.ts";
import { type KeptTransitions, leftBehind } from "../../domain/observation.ts";
import type { Observed } from "../../domain/observed.ts";
import type { Operation } from "../../domain/operation.ts";
import type { PromotionChange } from "../../domain/promotion.ts";
import type { Revision } from "../../domain/revision.ts";
import type { SlotName } from "../../domain/words.ts";
import { isUid, keys, listedName } from "../../lambdas/adapters/dynamodb-keys.ts";
import { closeSteps, mergeEvidence, operationUnderWay } from "../../lambdas/adapters/running-operation.ts";
import { pageOfTransitions } from "../../lambdas/adapters/transitions-page.ts";
import {
  type CardQuery,
  type Change,
  type Fence,
  type Page,
  type PageRequest,
  RecordConflict,
  type RecordStore,
  type StepFence,
} from "../../lambdas/ports/record.ts";
import type { Clock } from "../../lambdas/ports/surroundings.ts";
import { pageOf } from "./memory-page.ts";
import { MemoryRegistry } from "./memory-registry.ts";
import { MemorySecrets } from "./memory-secrets.ts";
import { MemoryWatches } from "./memory-watches.ts";

/**
 * The record in memory: one honest double for every test. It keeps every condition of the port (the suite in
 * test/adapters/record-store.ts runs against it and against DynamoDB) and gives out copies, never its own objects.
 */
export class MemoryRecord extends MemoryRegistry implements RecordStore {
  readonly heads_ = new Map<string, Head>();
  readonly observations = new Map<string, Observed>();
  readonly transitions_ = new Map<string, Map<number, KeptTransitions>>();
  readonly revisions_ = new Map<string, Map<number, Revision>>();
  readonly operations_ = new Map<string, Operation>();
  readonly events_ = new Map<string, DeploymentEvent[]>();
  readonly cards_ = new Map<string, Card>();
  readonly clients_ = new Map<string, Map<string, Client>>();
  readonly ids = new Map<string, string>();
  readonly watches = new MemoryWatches();

  private readonly secrets: MemorySecrets;

  constructor(clock: Pick<Clock, "now"> = { now: () => Date.now() }, secrets = new MemorySecrets()) {
    super(clock);
    this.secrets = secrets;
  }

  async uidOf(idOrUid: string): Promise<string | undefined> {
    return isUid(idOrUid) ? idOrUid : this.ids.get(idOrUid);
  }

  async head(uid: string): Promise<Head | undefined> {
    return structuredClone(this.heads_.get(uid));
  }

  async standing(uid: string): ReturnType<RecordStore["standing"]> {
    const head = await this.head(uid);
    return head && { head, observed: await this.observed(uid) };
  }

  async state(idOrUid: string): ReturnType<RecordStore["state"]> {
    const uid = await this.uidOf(idOrUid);
    const head = uid === undefined ? undefined : await this.head(uid);
    return head && { head, observed: await this.observed(head.uid), isLookedUp: uid !== idOrUid };
  }

  async observed(uid: string): Promise<Observed | undefined> {
    return structuredClone(this.observations.get(uid));
  }

  async stillSeen(head: Head, observed: Observed | undefined): Promise<Observed | undefined> {
    return observed && stillSeen(head, observed, await this.watches.find(head.place.cluster));
  }

  async revision(uid: string, revision: number): Promise<Revision | undefined> {
    return structuredClone(this.revisions_.get(uid)?.get(revision));
  }

  async revisions(uid: string, page: PageRequest): Promise<Page<Revision>> {
    const all = [...(this.revisions_.get(uid)?.values() ?? [])].map((item) => ({ item, sk: keys.revision(uid, item.revision).sk }));
    return pageOf({ revisions: uid }, all, page, "newest");
  }

  async operation(operationId: string): Promise<Operation | undefined> {
    const operation = this.operations_.get(operationId);
    return operation && structuredClone(this.asRead(operation));
  }

  async operations(uid: string, page: PageRequest): Promise<Page<Operation>> {
    const own = [...this.operations_.values()].filter((operation) => operation.uid === uid);
    const all = own.map((item) => ({ item: this.asRead(item), sk: item.id }));
    return pageOf({ operations: uid }, all, page, "newest");
  }

  private asRead(operation: Operation): Operation {
    const head = this.heads_.get(operation.uid);
    const active = head?.active_operation;
    return head && active?.id === operation.id ? operationUnderWay(head, active, operation.evidence) : operation;
  }

  async events(uid: string, page: PageRequest): Promise<Page<DeploymentEvent>> {
    const all = (this.events_.get(uid) ?? []).map((item) => ({ item, sk: keys.event(uid, item.sequence).sk }));
    return pageOf({ events: uid }, all, page, "newest");
  }

  async transitions(uid: string, page: PageRequest): Promise<Page<Condition>> {
    const kept = [...(this.transitions_.get(uid)?.values() ?? [])].toSorted((one, other) => other.first - one.first);
    const before = async (count: number) => kept.filter(({ first }) => first < count);
    return structuredClone(await pageOfTransitions(uid, this.observations.get(uid), before, page));
  }

  async cards(query: CardQuery, page: PageRequest): Promise<Page<Card>> {
    const begins = query.search?.toLowerCase() ?? "";
    const wanted = [...this.cards_.values()].filter(
      (card) =>
        query.groups.includes(card.group) &&
        card.name.toLowerCase().startsWith(begins) &&
        (query.environment === undefined || card.environment === query.environment) &&
        (query.status === undefined || card.status === query.status) &&
        (query.model === undefined || card.model?.name === query.model) &&
        (query.mine === undefined || card.created_by === query.mine || card.updated_by === query.mine),
    );
    const all = wanted.map((item) => ({ item, sk: `${item.group}\u0000${listedName(item.name)}\u0000${item.uid}` }));
    return pageOf({ cards: query }, all, page, "by name");
  }

  async commit(change: Change): Promise<void> {
    this.checkIdempotency(change.idempotency);
    if (change.promotion) this.checkPromotion(change.promotion);
    const { before, after } = change;
    const now = this.heads_.get(after.uid);
    const holder = this.heads_.get(this.ids.get(after.id) ?? "");
    if (!before && holder && holder.deleted_at === null) throw new RecordConflict("id", `the id ${after.id} is taken`);
    if (before ? !untouched(before, now) : now) throw new RecordConflict("version", `deployment ${after.id} has moved`);
    this.keepHistory(after.uid, change.events, change.revision);
    if (change.revision) for (const given of change.secrets ?? []) this.secrets.store(after.uid, change.revision.revision, given);
    this.heads_.set(after.uid, structuredClone(after));
    this.cards_.set(after.uid, structuredClone(change.card));
    if (!before) this.ids.set(after.id, after.uid);
    if (!before) this.groupNames.add(after.group);
    if (change.operation) this.operations_.set(change.operation.id, structuredClone(change.operation));
    this.keepAnswer(change.idempotency);
    if (change.promotion) this.promotions_?.apply(change.promotion);
  }

  private checkPromotion(change: PromotionChange): void {
    try {
      this.promotions_?.check(change);
    } catch {
      throw new RecordConflict("promotion", `promotion ${change.after.id} has moved`);
    }
  }

  async enterStep(fence: Fence, step: string, at: string, visit?: string): Promise<Head> {
    const head = this.fenced(fence);
    const active = head.active_operation;
    if (visit !== undefined && active?.visit !== undefined && active.visit > visit) throw stale(fence);
    if (active && active.step !== step) {
      active.steps = closeSteps([...active.steps, { name: step, started_at: at, ended_at: null, outcome: null, detail: null }]);
      active.step = step;
      if (visit !== undefined) active.visit = visit;
    }
    return structuredClone(head);
  }

  async saveSlots(
    fence: StepFence,
    slots: Partial<Record<SlotName, SlotRecord | null>>,
    done?: { step: number; detail: string },
  ): Promise<Head> {
    const head = this.fenced(fence);
    if (fence.steps !== undefined && head.active_operation?.steps.length !== fence.steps)
      throw new RecordConflict("version", `another step of operation ${fence.operation_id} has begun`);
    Object.assign(head.slots, structuredClone(slots));
    const step = done && head.active_operation?.steps[done.step];
    if (step) step.detail = done.detail;
    return structuredClone(head);
  }

  async client(uid: string, name: string): Promise<Client | undefined> {
    return structuredClone(this.clients_.get(uid)?.get(name));
  }

  async clients(uid: string, page: PageRequest): Promise<Page<Client>> {
    const all = [...(this.clients_.get(uid)?.values() ?? [])].map((item) => ({ item, sk: keys.client(uid, item.name).sk }));
    return pageOf({ clients: uid }, all, page, "by name");
  }

  async removeClients(uid: string): Promise<void> {
    this.clients_.delete(uid);
  }

  private changeClient(uid: string, { before, after }: ClientChange): void {
    const present = this.clients_.get(uid) ?? new Map<string, Client>();
    const found = present.get((before ?? after)?.name ?? "");
    if (found?.token_hash !== before?.token_hash) throw new RecordConflict("version", `a client of ${uid} has changed`);
    if (before) present.delete(before.name);
    if (after) present.set(after.name, structuredClone({ ...after, last_used_at: found?.last_used_at ?? after.last_used_at }));
    this.clients_.set(uid, present);
  }

  async annotate(annotation: Annotation & Pick<Change, "idempotency">): Promise<void> {
    const { before, hold, alerts, promotion, client, events, idempotency } = annotation;
    this.checkIdempotency(idempotency);
    const head = this.heads_.get(before.uid);
    if (!head || !sameVersion(before, head)) throw new RecordConflict("version", `deployment ${before.id} has moved`);
    if (client) this.changeClient(before.uid, client);
    this.keepHistory(before.uid, events, undefined);
    this.keepAnswer(idempotency);
    head.event_sequence += events.length;
    if (alerts) head.alerts = structuredClone(alerts);
    else head.version += 1;
    if (hold !== undefined) head.hold = structuredClone(hold);
    if (promotion && head.active_operation) head.active_operation.promotion = structuredClone(promotion);
  }

  async saveEvidence(fence: Fence, evidence: Partial<Evidence>): Promise<void> {
    const operation = this.operations_.get(fence.operation_id);
    const fenced = operation?.uid === fence.uid && operation.epoch === fence.epoch && operation.outcome === null;
    if (!fenced) throw stale(fence);
    operation.evidence = mergeEvidence(operation.evidence, structuredClone(evidence));
  }

  async endOperation(fence: Fence, ending: Ending): Promise<Head> {
    const { after } = ending;
    const operation = this.operations_.get(fence.operation_id);
    const head = this.heads_.get(fence.uid);
    if (operation?.outcome != null && operation.outcome === ending.operation.outcome) return structuredClone(head as Head);
    this.fenced(fence);
    if (!untouched(ending.before, head)) throw new RecordConflict("version", `deployment ${after.id} has moved`);
    this.keepHistory(after.uid, ending.events, undefined);
    this.heads_.set(after.uid, structuredClone(after));
    if (operation)
      Object.assign(operation, structuredClone({ ...ending.operation, evidence: ending.operation.evidence ?? operation.evidence }));
    if (after.deleted_at === null) this.cards_.set(after.uid, structuredClone(ending.card));
    else this.cards_.delete(after.uid);
    return structuredClone(after);
  }

  async pinDigests(uid: string, revision: number, digests: NonNullable<Revision["digests"]>): Promise<void> {
    const found = this.revisions_.get(uid)?.get(revision);
    if (found) found.digests ??= structuredClone(digests);
  }

  async saveObserved(uid: string, observed: Observed, before: Observed | undefined): Promise<void> {
    const left = leftBehind(before, observed);
    if (left) this.keepTransitions(uid, left);
    const found = this.observations.get(uid);
    if (found && found.epoch > observed.epoch) throw stale({ uid, operation_id: "", epoch: observed.epoch });
    if (found?.version !== before?.version) throw new RecordConflict("version", `somebody else has written what was seen of ${uid}`);
    this.observations.set(uid, structuredClone(observed));
  }

  private keepTransitions(uid: string, left: KeptTransitions): void {
    const kept = this.transitions_.get(uid) ?? new Map<number, KeptTransitions>();
    if ((kept.get(left.first)?.transitions.length ?? 0) >= left.transitions.length) return;
    this.transitions_.set(uid, kept.set(left.first, structuredClone(left)));
  }

  async deploymentsIn(cluster: string): Promise<string[]> {
    const live = (head: Head) => head.active_operation !== null || head.slots.blue !== null || head.slots.green !== null;
    return [...this.heads_.values()].filter((head) => head.place.cluster === cluster && live(head)).map((head) => head.uid);
  }

  async heads(uids: string[]): Promise<Head[]> {
    return uids.flatMap((uid) => structuredClone(this.heads_.get(uid)) ?? []);
  }

  private fenced(fence: Fence): Head {
    const head = this.heads_.get(fence.uid);
    if (!head || head.epoch !== fence.epoch || head.active_operation?.id !== fence.operation_id) throw stale(fence);
    return head;
  }

  private keepHistory(uid: string, events: DeploymentEvent[], revision: Revision | undefined): void {
    const kept = this.events_.get(uid) ?? [];
    const revisions = this.revisions_.get(uid) ?? new Map<number, Revision>();
    const taken = events.some((event) => kept.some(({ sequence }) => sequence === event.sequence));
    if (taken || (revision && revisions.has(revision.revision))) throw new RecordConflict("version", "history cannot be written twice");
    this.events_.set(uid, [...kept, ...structuredClone(events)]);
    if (revision) this.revisions_.set(uid, revisions.set(revision.revision, structuredClone(revision)));
  }
}

const sameVersion = (before: Head, now: Head | undefined) =>
  now !== undefined &&
  now.version === before.version &&
  now.epoch === before.epoch &&
  now.event_sequence === before.event_sequence &&
  now.active_operation?.id === before.active_operation?.id;

/** HEAD is replaced as a whole: also what the workflow has written of it must be what was decided upon. */
const untouched = (before: Head, now: Head | undefined) =>
  sameVersion(before, now) &&
  isDeepStrictEqual(before.slots, now?.slots) &&
  before.active_operation?.steps.length === now?.active_operation?.steps.length;

const stale = (fence: Fence) =>
  new WorkflowError("StaleEpoch", "StaleEpoch", `epoch ${fence.epoch} of deployment ${fence.uid} is over: a newer operation has begun`);
