import type { PromotionPolicy } from "../../domain/promotion-policy.ts";
import type { Fate } from "../doubles/running-cluster.ts";
import type { Stumble } from "./stumble.ts";

/** What a revision turns out to be, by its number; where there is a model, its version's. */
export interface Character {
  fate?: Fate;
  /** It answers probes and no more. */
  failsSmokeTests?: boolean;
  /** It answers as expected until callers come. */
  failsUnderLoad?: boolean;
}

export interface Conditions {
  seed: number;
  /** Milliseconds until the last replica of the gateway has taken over a route. */
  lag: number;
  /** What is configured for that. */
  settleSeconds: number;
  characters: Record<number, Character>;
  pace: Pace;
  stumble?: Stumble | undefined;
  /** By which versions of the model `card` go to production; undefined: there is no such model. */
  policy?: Partial<PromotionPolicy> | undefined;
}

/** How long things take that are not ours, in seconds. */
export interface Pace {
  ready: number;
  leave: number;
  /** How long a function may run that watches; undefined for as long as it is deployed to. */
  watch?: number;
  /** How long the gateway refuses every route, from the beginning. */
  refuse: number;
}
export const usualPace: Pace = { ready: 1.5, leave: 2, refuse: 0 };
