/** What can happen to one side effect: a write to the record, the secrets, the evidence or the cluster, or the start or stop of a workflow. */
export const faultKinds = [
  /** The executor dies before the effect. */
  "crash before",
  /** It dies after the effect, and nobody hears of it. */
  "crash after",
  /** The effect takes place, and the executor is told that nobody answered. */
  "reply lost",
  /** The same, and the client sends it once more: the second answer counts. */
  "sent twice",
  /** The Task (or request) is run again after it has succeeded: its answer was lost. */
  "run twice",
  /** From here on a second executor does the same from its beginning, beside the first. */
  "run beside",
  /** The executor is told that nobody answered; seconds later the effect takes place all the same. */
  "late",
  /** The executor stands still for a while, then goes on as if nothing had happened. */
  "stalled",
  /** The same, but only when a newer operation has begun. */
  "late into the next epoch",
  /** The same, but only when the newer operation has ended. */
  "late past the next epoch",
  /** The executor stands still until a newer operation has begun, then goes on as if nothing had happened. */
  "stalled into the next epoch",
  /** The same until the newer operation has ended. */
  "stalled past the next epoch",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  /** Number of the side effect, from 1. */
  at: number;
  kind: FaultKind;
}

/** Which fault befalls the n-th side effect. */
export type FaultPlan = (at: number) => FaultKind | undefined;

export const planOf = (faults: readonly Fault[]): FaultPlan => {
  const known = new Map(faults.map(({ at, kind }) => [at, kind]));
  return (at) => known.get(at);
};

/** Faults during which somebody asks for something else meanwhile. */
export const needsNextEpoch = (kind: FaultKind): boolean => kind.endsWith("the next epoch");
