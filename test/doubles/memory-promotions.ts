import { emptyLane, type Lane, type Promotion, type PromotionChange, type PromotionEvent } from "../../domain/promotion.ts";
import type { PromotionWorkflow } from "../../lambdas/ports/promotion-workflow.ts";
import type { PromotionStore, StoredPolicy } from "../../lambdas/ports/promotions.ts";
import { type Change, type Page, type PageRequest, RecordConflict } from "../../lambdas/ports/record.ts";
import { pageOf } from "./memory-page.ts";
import type { MemoryRegistry } from "./memory-registry.ts";

/** Promotions in memory, with every condition of the port; versions are annotated in the registry beside it. */
export class MemoryPromotions implements PromotionStore {
  readonly all = new Map<string, Promotion>();
  readonly lanes = new Map<string, Lane>();
  readonly policies = new Map<string, StoredPolicy>();
  readonly events: PromotionEvent[] = [];
  private readonly registry: Pick<MemoryRegistry, "versions" | "spend">;

  constructor(registry: Pick<MemoryRegistry, "versions" | "spend">) {
    this.registry = registry;
  }

  async promotion(id: string): Promise<Promotion | undefined> {
    return structuredClone(this.all.get(id));
  }

  async promotions({ groups, model }: { groups: string[]; model?: string }, page: PageRequest): Promise<Page<Promotion>> {
    const wanted = [...this.all.values()].filter(
      (one) => groups.includes(one.model.group) && (model === undefined || one.model.name === model),
    );
    return pageOf(
      { promotions: groups, model },
      wanted.map((item) => ({ item, sk: item.id })),
      page,
      "newest",
    );
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
    this.check(change);
    this.registry.spend(idempotency);
    this.apply(structuredClone(change));
  }

  private check({ before, after, lane, gives_way }: PromotionChange): void {
    const moved = () => new RecordConflict("version", `promotion ${after.id} has moved`);
    if (this.all.get(after.id)?.revision !== before?.revision) throw moved();
    const { group, name } = after.model;
    if (lane && (this.lanes.get(`${group}/${name}`)?.revision ?? 0) !== lane.before.revision) throw moved();
    if (gives_way) this.check(gives_way);
  }

  private apply({ after, lane, gives_way, events, version }: PromotionChange): void {
    const { group, name } = after.model;
    this.all.set(after.id, after);
    if (lane) this.lanes.set(`${group}/${name}`, lane.after);
    this.events.push(...events);
    const found = this.registry.versions.get(`${group}/${name}`)?.find((one) => one.version === after.model.version);
    if (found) Object.assign(found, version);
    if (gives_way) this.apply(gives_way);
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
