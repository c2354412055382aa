import type { PromotionPolicy } from "../../domain/promotion-policy.ts";
import type { Client } from "./client.ts";
import type { Character, Pace } from "./conditions.ts";
import type { Stumble } from "./stumble.ts";

export type Script = (client: Client) => Promise<void>;

/** A way through the product: from where it begins, what somebody asks for, and what they do if they lose patience. */
export interface Path {
  name: string;
  from: Origin;
  script: Script;
  /** What is asked for while an executor stands still. */
  interruption: Script;
  /** Of what the revisions turn out to be. */
  characters?: Record<number, Character>;
  lag?: number;
  pace?: Partial<Pace>;
  stumble?: Stumble;
  /** There is a model, whose versions go by this. */
  policy?: Partial<PromotionPolicy>;
  /** It is run without faults, and no more. */
  isOnlyPlain?: boolean;
}

/**
 * Where nothing was asked for yet; what serves revision 1; revision 2 beside a warm 1; revision 3 beside a warm 2; a model
 * whose version 1 serves in production.
 */
export type Origin = "nothing" | "serving" | "warm" | "third" | "promoted";
