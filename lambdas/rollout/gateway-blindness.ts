/**
 * Who watches an API server that was gone comes back in its own time: client-go's informers, of which a gateway has one for
 * routes and another for endpoints. One that hears of the moved route and not yet of the new instances answers callers 503.
 */

/** After its first failure an informer pauses for 0.8 s, then each time for twice as long, up to 30 s; and as much again by chance. */
const pause = { first: 800, longest: 30_000 };
/** For what it lists then, and for its proxy to follow. */
const followingMilliseconds = 2_400;

export const longestBlindMilliseconds = 2 * pause.longest;

/**
 * How long after its return. The pauses before the last one have fitted into the time that it was away, so that the last
 * one is no longer than that and its first pause together, and as much again.
 */
export const blindMilliseconds = (awayMilliseconds: number): number =>
  Math.min(longestBlindMilliseconds, 2 * (awayMilliseconds + pause.first) + followingMilliseconds);
