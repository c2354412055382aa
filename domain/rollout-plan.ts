import type { ActiveOperation } from "./operation.ts";
import type { RolloutPolicy } from "./specification.ts";
import type { OperationKind } from "./words.ts";

/** One move of the traffic, and how long it is judged before the next. */
export interface TrafficStep {
  /** Percent of the traffic that the new slot has after the move. */
  weight: number;
  bake_seconds: number;
}

export interface RolloutPlan {
  /** In order; the last one gives the new slot everything. */
  steps: TrafficStep[];
  /** A person has to say so before the last move. */
  by_hand: boolean;
}

/**
 * How the traffic comes to a revision. Only an update is tried out on a part of it: a start has nothing to compare
 * with, a restart brings back what ran, and a rollback what had proved itself. `isAlone`: nothing serves beside it.
 */
export function rolloutPlan(kind: OperationKind, policy: RolloutPolicy, isAlone = false): RolloutPlan {
  if (kind !== "UPDATE" || isAlone) return { steps: [{ weight: 100, bake_seconds: 0 }], by_hand: false };
  const parts = partialWeights(policy).map((weight) => ({ weight, bake_seconds: policy.bake_seconds ?? 0 }));
  return { steps: [...parts, { weight: 100, bake_seconds: policy.final_bake_seconds }], by_hand: policy.manual_promotion };
}

/** Seconds that a rollout by this policy waits at least; its deadline has to be longer. */
export function plannedSeconds(policy: RolloutPolicy): number {
  return rolloutPlan("UPDATE", policy).steps.reduce((sum, { bake_seconds }) => sum + bake_seconds, 0);
}

function partialWeights({ strategy, percent, step_percent }: RolloutPolicy): number[] {
  if (strategy === "canary" && percent) return [percent];
  if (strategy !== "linear" || !step_percent) return [];
  return Array.from({ length: Math.ceil(100 / step_percent) - 1 }, (_, index) => step_percent * (index + 1));
}

/** What the time between two moves is for. */
export interface Bake {
  /** Index of the move that it follows; -1 before the first. */
  after: number;
  seconds: number;
  /** It does not end by time alone. */
  by_hand: boolean;
  /** Another move follows. */
  more: boolean;
}

/** The bake that follows on a slot's weight; undefined for a weight that the plan does not know. */
export function bakeAt({ steps, by_hand }: RolloutPlan, weight: number): Bake | undefined {
  const after = weight === 0 ? -1 : steps.findIndex((step) => step.weight === weight);
  if (after < 0 && weight !== 0) return undefined;
  const more = after < steps.length - 1;
  return { after, seconds: steps[after]?.bake_seconds ?? 0, by_hand: by_hand && after === steps.length - 2, more };
}

export const isBaking = ({ seconds, by_hand }: Bake): boolean => seconds > 0 || by_hand;

/** Steps in which a person may say "go on". */
export const bakeStep = "Bake";

/** Whether somebody has said so since the running step began. */
export function isPromoted({ promotion, steps }: Pick<ActiveOperation, "promotion" | "steps">): boolean {
  return promotion?.step_started_at === steps.at(-1)?.started_at && promotion !== undefined && promotion !== null;
}
