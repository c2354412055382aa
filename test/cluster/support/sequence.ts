import type { Head } from "../../../domain/deployment.ts";
import type { Observed } from "../../../domain/observed.ts";
import { describeState } from "../../../domain/state.ts";

/** What is shown of a deployment, without the words that are for people. */
export interface Shown {
  status: string;
  condition: string;
  /** True, False or, on the way, Unknown. */
  is: string;
  reason: string;
  health: string | null;
}

export function shownOf(head: Head, observed: Observed | undefined, now: number): Shown {
  const { status, condition, health } = describeState(head, observed, now);
  return { status, condition: condition.type, is: condition.status, reason: condition.reason, health };
}

/** The states of one start as they were written, and what was shown when it had ended. */
export interface Sequence {
  states: Shown[];
  end: Shown;
}

const walk = ["SCHEDULED", "INITIALIZED", "STARTED", "READY"];
const words = ({ status, condition, is, reason, health }: Shown): string => [status, condition, is, reason, health ?? "none"].join(" ");
const isDecided = ({ is }: Shown): boolean => is !== "Unknown";
const waitsForRoom = ({ reason }: Shown): boolean => reason === "Unschedulable";

/**
 * What is wrong with a sequence beside the recorded one. Which stages on the way last long enough to be written is chance,
 * but they come in their order; what is said to have failed or succeeded was recorded, and so was the end. Other tests share
 * the node: that it has no room for a moment is theirs, where it was not recorded.
 */
export function flawOf({ states: seen, end }: Sequence, recorded: Sequence): string | undefined {
  const states = recorded.states.some(waitsForRoom) ? seen : seen.filter((state) => !waitsForRoom(state));
  const known = new Set(recorded.states.filter(isDecided).map(words));
  const strange = states.filter(isDecided).find((state) => !known.has(words(state)));
  if (strange) return `${words(strange)} was not recorded, but ${[...known].join(" and ") || "nothing"}`;
  const stages = states.filter((state) => !isDecided(state)).map(({ condition }) => walk.indexOf(condition));
  if (stages.some((stage, index) => stage < (stages[index - 1] ?? 0))) return `it went back: ${states.map(words).join(" > ")}`;
  const unlike = states.find(({ status }) => status !== recorded.states[0]?.status);
  if (unlike) return `${words(unlike)} is of another status than ${recorded.states[0]?.status}`;
  const last = states.findLast(isDecided);
  // Of two causes that follow each other again and again, either may be the last.
  const ends = [recorded.end, ...recorded.states.filter(isDecided).map(({ reason }) => ({ ...recorded.end, reason }))].map(words);
  if (!ends.includes(words(end))) return `it ended with ${words(end)}, not with ${ends.join(" or ")}`;
  return known.size > 0 && !last ? `nothing was written of ${[...known].join(" or ")}` : undefined;
}
