import { Problem } from "../../domain/errors.ts";
import type { Model, ModelVersion } from "../../domain/model.ts";
import type { PromotionChange } from "../../domain/promotion.ts";
import { keys } from "../../lambdas/adapters/dynamodb-keys.ts";
import {
  type Change,
  type IdempotentAnswer,
  type Page,
  type PageRequest,
  RecordConflict,
  type Registry,
} from "../../lambdas/ports/record.ts";
import type { Clock } from "../../lambdas/ports/surroundings.ts";
import { pageOf } from "./memory-page.ts";

const keptMilliseconds = 24 * 60 * 60 * 1000;

/** Groups, models, versions, and the answers kept for repeated requests. */
export class MemoryRegistry implements Registry {
  readonly groupNames = new Set<string>();
  private readonly locations = new Map<string, string[] | null>();
  readonly models_ = new Map<string, Model>();
  readonly versions = new Map<string, ModelVersion[]>();
  private readonly answers = new Map<string, { answer: IdempotentAnswer; until: number }>();
  /** Of the promotions beside it, which are changed together with what begins for them. */
  promotions_: { check(change: PromotionChange): void; apply(change: PromotionChange): void } | undefined;
  protected readonly clock: Pick<Clock, "now">;

  constructor(clock: Pick<Clock, "now">) {
    this.clock = clock;
  }

  async groups(): Promise<string[]> {
    return [...this.groupNames].sort();
  }

  async putGroup(name: string, _actor: string, _at: string, locations?: string[] | null): Promise<void> {
    this.groupNames.add(name);
    if (locations !== undefined) this.locations.set(name, locations);
  }

  async modelLocations(group: string): Promise<string[] | null> {
    return this.locations.get(group) ?? null;
  }

  async model(group: string, name: string): Promise<Model | undefined> {
    return structuredClone(this.models_.get(`${group}/${name}`));
  }

  async models(groups: string[], page: PageRequest): Promise<Page<Model>> {
    const wanted = [...this.models_.values()].filter((model) => groups.includes(model.group));
    const all = wanted.map((item) => ({ item, sk: `${item.group}\u0000${item.name}` }));
    return pageOf({ models: groups }, all, page, "by name");
  }

  async modelVersion(group: string, name: string, version: number): Promise<ModelVersion | undefined> {
    return structuredClone(this.versions.get(`${group}/${name}`)?.find((entry) => entry.version === version));
  }

  async modelVersions(group: string, name: string, page: PageRequest): Promise<Page<ModelVersion>> {
    const all = (this.versions.get(`${group}/${name}`) ?? []).map((item) => ({ item, sk: keys.version(group, name, item.version).sk }));
    return pageOf({ versions: [group, name] }, all, page, "newest");
  }

  async createModel(model: Model, idempotency?: Change["idempotency"]): Promise<void> {
    this.checkIdempotency(idempotency);
    const key = `${model.group}/${model.name}`;
    if (this.models_.has(key)) throw new RecordConflict("exists", `model ${key} is there already`);
    this.models_.set(key, structuredClone(model));
    this.groupNames.add(model.group);
    this.keepAnswer(idempotency);
  }

  async versionOfOrigin(group: string, name: string, source: { name: string; id: string }): Promise<ModelVersion | undefined> {
    const same = ({ source: own }: ModelVersion) => own?.name === source.name && own.id === source.id;
    return structuredClone(this.versions.get(`${group}/${name}`)?.find(same));
  }

  async registerVersion(version: Omit<ModelVersion, "version">, idempotency?: Change["idempotency"]): Promise<ModelVersion> {
    this.checkIdempotency(idempotency);
    const key = `${version.group}/${version.name}`;
    const model = this.models_.get(key);
    const { source } = version;
    const isKnown = source && this.versions.get(key)?.some((one) => one.source?.name === source.name && one.source.id === source.id);
    if (isKnown) throw new RecordConflict("exists", `${source.name} has reported ${source.id} before`);
    if (!model) throw new Problem("not-found", `there is no model ${key}`);
    model.latest_version += 1;
    const registered = { ...structuredClone(version), version: model.latest_version };
    this.versions.set(key, [...(this.versions.get(key) ?? []), registered]);
    if (idempotency) {
      const pointer = { ...idempotency.answer.pointer, version: registered.version };
      this.keepAnswer({ ...idempotency, answer: { ...idempotency.answer, pointer } });
    }
    return structuredClone(registered);
  }

  async noteWithdrawal(
    { group, name, version }: Pick<ModelVersion, "group" | "name" | "version">,
    withdrawn: ModelVersion["withdrawn"],
  ): Promise<void> {
    const found = this.versions.get(`${group}/${name}`)?.find((one) => one.version === version);
    if (!found) throw new Error(`version ${version} of ${group}/${name} is not in the record`);
    found.withdrawn = structuredClone(withdrawn);
  }

  async idempotent(actor: string, key: string): Promise<IdempotentAnswer | undefined> {
    const kept = this.answers.get(JSON.stringify([actor, key]));
    return kept && kept.until > this.clock.now() ? structuredClone(kept.answer) : undefined;
  }

  checkIdempotency(idempotency: Change["idempotency"]): void {
    const kept = idempotency && this.answers.get(JSON.stringify([idempotency.actor, idempotency.key]));
    if (kept && kept.until > this.clock.now()) throw new RecordConflict("idempotency", "the idempotency key was used meanwhile");
  }

  keepAnswer(idempotency: Change["idempotency"]): void {
    if (!idempotency) return;
    const { actor, key, answer } = idempotency;
    this.answers.set(JSON.stringify([actor, key]), { answer: structuredClone(answer), until: this.clock.now() + keptMilliseconds });
  }
}
