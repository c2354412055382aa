import type { Operation } from "./operation.ts";

/** A time in which a revision was what serves; `to` null while it is. */
export interface Served {
  from: string;
  to: string | null;
}

type Told = Pick<Operation, "slot" | "revision" | "outcome" | "weights" | "steps" | "ended_at">;
type Serving = { revision: number; served: Served } | null;

/**
 * When each revision was what serves, newest first, by what ended operations have left: from the move that gave it all of
 * the traffic, if its operation ended so, until another has it or nothing does. A part of the traffic does not count, nor
 * does what was taken back by the same operation. Operations oldest first; those under way say nothing yet.
 */
export function servedTimes(operations: Told[]): Map<number, Served[]> {
  const times = new Map<number, Served[]>();
  let serving: Serving = null;
  for (const operation of operations) if (operation.outcome !== null) serving = followed(serving, operation, times);
  return times;
}

function followed(before: Serving, operation: Told, times: Map<number, Served[]>): Serving {
  const after = servesAfter(operation, before?.revision ?? null);
  const end = operation.ended_at as string;
  const moved = operation.outcome === "SUCCEEDED" ? (endOf("ShiftTraffic", operation) ?? end) : end;
  const taken = endOf("TakeRouteAway", operation);
  if (before?.revision === after && taken === undefined) return before;
  // Without a gap the same revision goes on serving.
  if (before?.revision === after && taken === moved) return before;
  if (before) before.served.to = notBefore(before.served.from, taken ?? moved);
  return after === null ? null : begun(after, moved, times);
}

/** Steps are told by the clocks of those who ran them, which differ by moments. */
const notBefore = (from: string, to: string): string => (to < from ? from : to);

function begun(revision: number, from: string, times: Map<number, Served[]>): Serving {
  const served: Served = { from, to: null };
  times.set(revision, [served, ...(times.get(revision) ?? [])]);
  return { revision, served };
}

/** Its own revision, what served before, or nothing: by where the traffic went when it had ended. */
function servesAfter({ slot, revision, weights }: Told, before: number | null): number | null {
  if (slot && (weights[slot] ?? 0) > 0) return revision;
  return Object.values(weights).some((weight) => weight > 0) ? before : null;
}

const endOf = (name: string, { steps }: Told): string | undefined => steps.findLast((step) => step.name === name)?.ended_at ?? undefined;
