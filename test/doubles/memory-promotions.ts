import { emptyLane, type Lane, type Promotion, type PromotionChange, type PromotionEvent } from "../../domain/promotion.ts";
import type { PromotionWorkflow } from "../../lambdas/ports/promotion-workflow.ts";
import type { PromotionStore, StoredPolicy } from "../../lambdas/ports/promotions.ts";
import { type Change, type Page, type PageRequest, RecordConflict } from "../../lambdas/ports/record.ts";
import { pageOfPartitions } from "./memory-page.ts";
import type { MemoryRegistry } from "./memory-registry.ts";

type Registered = Pick<MemoryRegistry, "versions" | "promotions_" | "checkIdempotency" | "keepAnswer">;

/** Promotions in memory, with every condition of the port; versions are annotated in the registry beside it. */
export class MemoryPromotions implements PromotionStore {
  readonly all = new Map<string, Promotion>();
  readonly lanes = new Map<string, Lane>();
  readonly policies = new Map<string, StoredPolicy>();
  readonly events: PromotionEvent[] = [];
  private readonly registry: Registered;

  constructor(registry: Registered) {
    this.registry = registry;
    registry.promotions_ = { check: (change) => this.check(change), apply: (change) => this.apply(structuredClone(change)) };
  }

  async promotion(id: string): Promise<Promotion | undefined> {
    return structuredClone(this.all.get(id));
  }

  async promotions({ groups, model }: { groups: string[]; model?: string }, page: PageRequest): Promise<Page<Promotion>> {
    const sorted = groups.toSorted();
    const of = (group: string) =>
      [...this.all.values()].filter((one) => one.model.group === group && (model === undefined || one.model.name === model));
    return pageOfPartitions({ promotions: sorted, model: model ?? null }, sorted.map(of), page);
  }

  async underWay(): Promise<string[]> {
    return [...this.all.values()].filter(({ outcome }) => outcome === null).map(({ id }) => id);
  }

  async lane(group: string, model: string): Promise<Lane> {
    return structuredClone(this.lanes.get(`${group}/${model}`) ?? emptyLane);
  }

  async policy(group: string, model: string): Promise<StoredPolicy | undefined> {
    return structuredClone(this.policies.get(`${group}/${model}`));
  }

  async putPolicy(group: string, model: string, policy: StoredPolicy): Promise<void> {
    this.policies.set(`${group}/${model}`, structuredClone(policy));
  }

  async change(change: PromotionChange, idempotency?: Change["idempotency"]): Promise<void> {
    this.registry.checkIdempotency(idempotency);
    this.check(change);
    this.registry.keepAnswer(idempotency);
    this.apply(structuredClone(change));
  }

  private check({ before, after, lane, gives_way, version }: PromotionChange): void {
    const moved = () => new RecordConflict("version", `promotion ${after.id} has moved`);
    if (this.all.get(after.id)?.revision !== before?.revision) throw moved();
    const { group, name } = after.model;
    if (lane && (this.lanes.get(`${group}/${name}`)?.revision ?? 0) !== lane.before.revision) throw moved();
    if (gives_way) this.check(gives_way);
    if (version && Object.keys(version).length > 0 && !this.version(after)) {
      throw new Error(`version ${after.model.version} of ${group}/${name} is not in the record`);
    }
  }

  private apply({ after, lane, gives_way, events, version }: PromotionChange): void {
    const { group, name } = after.model;
    this.all.set(after.id, after);
    if (lane) this.lanes.set(`${group}/${name}`, lane.after);
    this.events.push(...events);
    Object.assign(this.version(after) ?? {}, version);
    if (gives_way) this.apply(gives_way);
  }

  private version({ model: { group, name, version } }: Promotion) {
    return this.registry.versions.get(`${group}/${name}`)?.find((one) => one.version === version);
  }
}

/** Executions in memory: named once, and ended when a test says so. */
export class MemoryPromotionWorkflow implements PromotionWorkflow {
  readonly executions = new Map<string, "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED">();
  readonly woken: string[] = [];
  fault: Error | undefined;

  async start(id: string): Promise<void> {
    if (this.fault) throw this.fault;
    if (!this.executions.has(id)) this.executions.set(id, "RUNNING");
  }

  async stop(id: string): Promise<void> {
    if (this.fault) throw this.fault;
    if (this.executions.get(id) === "RUNNING") this.executions.set(id, "ABORTED");
  }

  async status(id: string) {
    return this.executions.get(id);
  }

  async wake(token: string): Promise<void> {
    if (this.fault) throw this.fault;
    this.woken.push(token);
  }
}
