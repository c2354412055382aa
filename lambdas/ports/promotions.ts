import type { Lane, Promotion, PromotionChange } from "../../domain/promotion.ts";
import type { PromotionPolicy } from "../../domain/promotion-policy.ts";
import type { Change, Page, PageRequest } from "./record.ts";

/** Promotions, the lanes of models that they go in, and the policies that they go by. */
export interface PromotionStore {
  /** Strongly consistent. By its id alone the group is looked up first. */
  promotion(id: string, group?: string): Promise<Promotion | undefined>;
  /** Newest first, one group after the other. */
  promotions(query: { groups: string[]; model?: string | undefined }, page: PageRequest): Promise<Page<Promotion>>;
  /** Ids of every promotion that has no outcome yet. */
  underWay(): Promise<string[]>;
  lane(group: string, model: string): Promise<Lane>;
  policy(group: string, model: string): Promise<StoredPolicy | undefined>;
  putPolicy(group: string, model: string, policy: StoredPolicy): Promise<void>;
  /**
   * One transaction, refused with `RecordConflict` when the promotion or its lane moved (`version`), or, which is told
   * first, when the idempotency key was used meanwhile (`idempotency`).
   */
  change(change: PromotionChange, idempotency?: Change["idempotency"]): Promise<void>;
}

export interface StoredPolicy extends PromotionPolicy {
  updated_at: string;
  updated_by: string;
}
