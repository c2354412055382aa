import type { HistoryEntry } from "./history.ts";

/** Characters of a cause; the service keeps no more. */
export const LONGEST_CAUSE = 32_768;

/** A state failed, as Error Output says it. `entries` are history not yet recorded. */
export class StateFailure extends Error {
  readonly error: string | null;
  readonly failureCause: string | null;
  /** Further names that a Retry or Catch may match it by. */
  readonly aliases: readonly string[];
  entries: HistoryEntry[];

  constructor(error: string | null, cause: string | null, extra: { entries?: HistoryEntry[]; aliases?: string[] } = {}) {
    super(`${error ?? "(no error name)"}: ${cause ?? ""}`);
    this.name = "StateFailure";
    this.error = error;
    this.failureCause = cause?.slice(0, LONGEST_CAUSE) ?? null;
    this.entries = extra.entries ?? [];
    this.aliases = extra.aliases ?? [];
  }
}

/** Why work was given up without an outcome of its own. `halted`: the service stops, the execution goes on after the next start. */
export type Interruption = "halted" | "ended" | "sibling-failed";

export class Interrupted extends Error {
  readonly why: Interruption;
  constructor(why: Interruption) {
    super(`interrupted: ${why}`);
    this.name = "Interrupted";
    this.why = why;
  }
}

/** Neither wildcard catches these. */
const beyondWildcards = new Set(["States.DataLimitExceeded", "States.Runtime"]);
const timeouts = new Set(["States.Timeout", "States.HeartbeatTimeout"]);

/** Whether an ErrorEquals names this failure. States.Runtime always ends the execution, even when named. */
export function namesFailure(errorEquals: readonly string[], failure: StateFailure): boolean {
  if (failure.error === "States.Runtime") return false;
  const names = [failure.error ?? "", ...failure.aliases];
  const wild = !beyondWildcards.has(failure.error ?? "");
  return errorEquals.some((wanted) => {
    if (names.includes(wanted)) return true;
    if (wanted === "States.ALL") return wild;
    return wanted === "States.TaskFailed" && wild && !timeouts.has(failure.error ?? "");
  });
}
