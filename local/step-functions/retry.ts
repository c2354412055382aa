import type { Catcher, Retrier } from "./definition.ts";
import { namesFailure, type StateFailure } from "./errors.ts";

export interface RetryDecision {
  retrier: number;
  delayMilliseconds: number;
}

/**
 * The first retrier that names the failure decides; each counts its own attempts.
 * Defaults: 1 s, rate 2, 3 attempts. The cap comes before the jitter.
 */
export function decideRetry(
  retriers: Retrier[] | undefined,
  failure: StateFailure,
  attempts: Record<number, number>,
  random: () => number,
): RetryDecision | undefined {
  const index = (retriers ?? []).findIndex((retrier) => namesFailure(retrier.ErrorEquals, failure));
  const retrier = retriers?.[index];
  if (retrier === undefined) return undefined;
  const made = attempts[index] ?? 0;
  if (made >= (retrier.MaxAttempts ?? 3)) return undefined;
  const grown = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** made;
  const capped = Math.min(grown, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  const seconds = retrier.JitterStrategy === "FULL" ? capped * random() : capped;
  return { retrier: index, delayMilliseconds: Math.round(seconds * 1000) };
}

export function findCatcher(catchers: Catcher[] | undefined, failure: StateFailure): { catcher: Catcher; index: number } | undefined {
  const index = (catchers ?? []).findIndex((catcher) => namesFailure(catcher.ErrorEquals, failure));
  const catcher = catchers?.[index];
  return catcher === undefined ? undefined : { catcher, index };
}
