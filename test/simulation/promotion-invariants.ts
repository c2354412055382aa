import type { Operation } from "../../domain/operation.ts";
import { isInProduction, isNewer, type Promotion, type PromotionChange, type VersionRank } from "../../domain/promotion.ts";
import { model, production, staging } from "./model.ts";
import type { World } from "./world.ts";

/** What docs/invariants.md promises of promotions, looked at after every write and when all has come to rest. */
export class PromotionInvariants {
  private readonly world: World;
  /** Promotions as they ended. */
  private readonly ended = new Map<string, string>();
  /** When it was answered that a promotion is aborted. */
  private readonly abortedAt = new Map<string, number>();

  constructor(world: World) {
    this.world = world;
    this.checkBegun();
    for (const promotion of this.all()) this.checkEnd(promotion);
  }

  /** Operations that promotions have begun, by id: when they ended. */
  private readonly operations = new Map<string, number | undefined>();
  /** Ids of promotions of which production is under way. */
  private readonly producing = new Set<string>();

  aborted = (id: string): void => void this.abortedAt.set(id, this.world.time.now());

  private violate = (invariant: string, message: string): void => this.world.invariants.violate(invariant, message);
  private all = (): Promotion[] => [...this.world.promotions.all.values()];

  /** After a write of any sort: `change` where it was one of promotions. */
  written(change: PromotionChange | undefined): void {
    if (change) this.checkGivenWay(change);
    this.checkBegun();
    for (const promotion of this.all()) {
      this.checkEnd(promotion);
      if (isInProduction(promotion)) this.producing.add(promotion.id);
      else this.producing.delete(promotion.id);
    }
    this.checkVerified();
  }

  private checkGivenWay({ gives_way }: PromotionChange): void {
    if (gives_way && this.producing.has(gives_way.after.id))
      this.violate("production under way is not interrupted", `promotion ${gives_way.after.id} gave way while it was in production`);
  }

  /** A promotion that has ended stays as it is. */
  private checkEnd(promotion: Promotion): void {
    const known = this.ended.get(promotion.id);
    if (promotion.outcome === null && known === undefined) return;
    const now = JSON.stringify(promotion);
    if (known !== undefined && known !== now) this.violate("a promotion ends once", `promotion ${promotion.id} was changed after its end`);
    this.ended.set(promotion.id, now);
  }

  /** What is in a slot of production is verified, or an admin has said why it need not be. */
  private checkVerified(): void {
    const { record } = this.world;
    const head = record.heads_.get(record.ids.get(production) ?? "");
    for (const slot of [head?.slots.blue, head?.slots.green]) {
      const version = slot && record.revisions_.get(head?.uid ?? "")?.get(slot.revision)?.specification.predictor.model?.version;
      const known = record.versions.get(`${model.group}/${model.name}`)?.find((one) => one.version === version);
      const isOverridden = this.all().some(({ override, model: of }) => override !== null && of.version === version);
      if (known && !known.verified_in.includes("staging") && !isOverridden)
        this.violate("production runs what is verified", `version ${version} is in production and was not verified`);
    }
  }

  /** Each stage of a promotion makes one revision, and begins with it while the promotion is under way. */
  private checkBegun(): void {
    const begun = new Map<string, number>();
    for (const { id, uid, revision, operation } of this.begunByPromotions()) {
      const stage = `${uid} ${id}`;
      const first = begun.get(stage);
      if (first !== undefined) this.violate("nothing is promoted twice", `promotion ${id} made the revisions ${first} and ${revision}`);
      begun.set(stage, revision);
      if (operation) this.follow(id, operation);
    }
  }

  /** By the world's own clock: those of who writes may be wrong. */
  private follow(id: string, { id: operation, kind, outcome }: Operation): void {
    if (!this.operations.has(operation) && this.ended.has(id))
      this.violate("nothing begins for a promotion that has ended", `${kind} of promotion ${id}, which had ended`);
    const ended = this.operations.get(operation) ?? (outcome === null ? undefined : this.world.time.now());
    this.operations.set(operation, ended);
  }

  /** By what they say of the revisions that they make. */
  private begunByPromotions(): { id: string; uid: string; revision: number; operation: Operation | undefined }[] {
    const { record } = this.world;
    const operations = [...record.operations_.values()];
    return [...record.revisions_].flatMap(([uid, revisions]) =>
      [...revisions.values()].flatMap(({ revision, update_message }) => {
        const id = /, promotion (\w+)$/.exec(update_message)?.[1];
        const operation = operations.find((one) => one.uid === uid && one.revision === revision);
        return id === undefined ? [] : [{ id, uid, revision, operation }];
      }),
    );
  }

  /** Nothing goes on of what is aborted, from when that was answered. */
  private checkAborted(): void {
    for (const { id, operation } of this.begunByPromotions()) {
      const answered = this.abortedAt.get(id) ?? Number.POSITIVE_INFINITY;
      const ended = this.operations.get(operation?.id ?? "") ?? 0;
      if (operation?.outcome === "SUCCEEDED" && ended > answered)
        this.violate("an abort ends what goes on", `${operation.kind} of promotion ${id} went on after its abort was answered`);
    }
  }

  /** Staging costs: who has it stopped afterwards finds it stopped. */
  private checkStaging(): void {
    const { record, log } = this.world;
    const head = record.heads_.get(record.ids.get(staging) ?? "");
    const message = record.revisions_.get(head?.uid ?? "")?.get(head?.revisions.running ?? 0)?.update_message ?? "";
    const last = this.all().at(-1);
    const isThrough = last?.outcome === "SUCCEEDED" && last.environment === "production" && last.policy.staging_afterwards === "stop";
    const isLeft = isThrough && message.endsWith(`, promotion ${last.id}`);
    const [stopped] = [...record.operations_.values()].filter(({ uid, kind }) => uid === head?.uid && kind === "STOP").slice(-1);
    const isSaid = stopped?.outcome === "FAILED";
    if (isLeft && !isSaid && !log.some((line) => line.includes("was not stopped after promotion")))
      this.violate("staging is left", `it still runs what promotion ${last.id} has brought to production`);
  }

  atRest(): void {
    for (const { id, outcome } of this.all()) {
      if (outcome === null) this.violate("every promotion ends", `promotion ${id} has no outcome`);
    }
    const lane = this.world.promotions.lanes.get(`${model.group}/${model.name}`);
    if (lane && (lane.active !== null || lane.queued.length > 0))
      this.violate("every promotion ends", `the lane is kept by ${lane.active}, and ${lane.queued.length} wait`);
    this.checkReports();
    this.checkAborted();
    this.checkStaging();
    this.checkApprovals();
    this.checkOrder();
    this.checkHistory();
  }

  /** Each report made one version, and each version went its way once, unless a newer one had gone before. */
  private checkReports(): void {
    const { record, triggers, promotions } = this.world;
    const versions = record.versions.get(`${model.group}/${model.name}`) ?? [];
    for (const { key, outcome } of triggers.all.values()) {
      if (outcome === null) this.violate("no report is lost", `what came of ${key} was never said`);
    }
    for (const version of versions) {
      const same = versions.filter(({ source }) => source && source.id === version.source?.id);
      if (same.length > 1) this.violate("nothing is promoted twice", `${version.source?.id} made ${same.length} versions`);
      const own = this.all().filter((promotion) => promotion.automatic && promotion.model.version === version.version);
      if (own.length > 1) this.violate("nothing is promoted twice", `version ${version.version} went its way ${own.length} times`);
      const { newest } = promotions.lanes.get(`${model.group}/${model.name}`) ?? { newest: null };
      const isOvertaken = newest !== null && newest.version !== version.version && isNewer(newest, version);
      if (version.promotions.length === 0 && !isOvertaken && this.world.conditions.policy?.automatic !== "none")
        this.violate("no report is lost", `version ${version.version} never went its way`);
    }
  }

  /** Given once, in time, by who may; and nothing passes a gate that asks for one without it. */
  private checkApprovals(): void {
    for (const { id, policy, approval, requested_by, stages } of this.all()) {
      const given = this.world.promotions.events.filter(({ type, detail }) => type === "Promotion Approved" && detail.promotion_id === id);
      if (given.length > 1) this.violate("an approval is used once", `promotion ${id} was approved ${given.length} times`);
      if (approval && policy.approval.four_eyes && approval.by === requested_by)
        this.violate("who approves may do so", `${approval.by} approved what they had asked for`);
      if (approval && policy.approval.approvers.length > 0 && !policy.approval.approvers.includes(approval.by))
        this.violate("who approves may do so", `${approval.by} approved promotion ${id}`);
      if (policy.gate === "approval" && !approval && stages.some(({ name }) => name === "production"))
        this.violate("nothing passes a closed gate", `promotion ${id} went to production without an approval`);
    }
  }

  /** Of what went to production by itself, the newer came later. */
  private checkOrder(): void {
    const { record } = this.world;
    const ranks = this.all()
      .filter(({ automatic, outcome, environment }) => automatic && outcome === "SUCCEEDED" && environment === "production")
      .toSorted((one, other) => ((one.ended_at ?? "") < (other.ended_at ?? "") ? -1 : 1))
      .map(({ model: { version } }) => record.versions.get(`${model.group}/${model.name}`)?.[version - 1] as VersionRank);
    for (const [index, rank] of ranks.entries()) {
      const before = ranks[index - 1];
      if (before && isNewer(before, rank))
        this.violate("the newer version wins", `version ${rank.version} went to production after version ${before.version}`);
    }
  }

  private checkHistory(): void {
    const { events } = this.world.promotions;
    for (const { id, event_sequence } of this.all()) {
      const own = events.filter(({ detail }) => detail.promotion_id === id).map(({ sequence }) => sequence);
      if (own.join() !== own.map((_, index) => index + 1).join() || own.length !== event_sequence)
        this.violate("history without a gap", `promotion ${id} has the events ${own.join(", ")} of ${event_sequence}`);
    }
  }
}
