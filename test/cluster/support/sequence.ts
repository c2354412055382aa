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
export const wordsOf = ({ status, condition, is, reason, health }: Shown): string =>
  [status, condition, is, reason, health ?? "none"].join(" ");
const isDecided = ({ is }: Shown): boolean => is !== "Unknown";
const waitsForRoom = ({ reason }: Shown): boolean => reason === "Unschedulable";

/** A kubelet that restarts at once what it has stopped itself may never come to speak of a crash loop, or speak of it late. */
const isLoopOf = ({ condition, is, reason }: Shown, recorded: Shown[]): boolean =>
  reason === "CrashLoopBackOff" && recorded.some((state) => isDecided(state) && state.condition === condition && state.is === is);

/**
 * What is wrong with a sequence beside the recorded one. Which stages on the way last long enough to be written is chance,
 * but they come in their order; what is said to have failed or succeeded was recorded, and so was the end. Other tests share
 * the node: that it has no room for a moment is theirs, where it was not recorded.
 */
export function flawOf({ states: seen, end }: Sequence, recorded: Sequence): string | undefined {
  const states = recorded.states.some(waitsForRoom) ? seen : seen.filter((state) => !waitsForRoom(state));
  const known = new Set(recorded.states.filter(isDecided).map(wordsOf));
  const strange = states.filter(isDecided).find((state) => !known.has(wordsOf(state)) && !isLoopOf(state, recorded.states));
  if (strange) return `${wordsOf(strange)} was not recorded, but ${[...known].join(" and ") || "nothing"}`;
  const stages = states.filter((state) => !isDecided(state)).map(({ condition }) => walk.indexOf(condition));
  if (stages.some((stage, index) => stage < (stages[index - 1] ?? 0))) return `it went back: ${states.map(wordsOf).join(" > ")}`;
  const unlike = states.find(({ status }) => status !== recorded.states[0]?.status);
  if (unlike) return `${wordsOf(unlike)} is of another status than ${recorded.states[0]?.status}`;
  const last = states.findLast(isDecided);
  // Of two causes that follow each other again and again, either may be the last.
  const ends = [recorded.end, ...recorded.states.filter(isDecided).map(({ reason }) => ({ ...recorded.end, reason }))].map(wordsOf);
  if (!ends.includes(wordsOf(end)) && !isLoopOf(end, recorded.states))
    return `it ended with ${wordsOf(end)}, not with ${ends.join(" or ")}`;
  return known.size > 0 && !last ? `nothing was written of ${[...known].join(" or ")}` : undefined;
}

/** On the way back to health: what endpoints, probes and counts of instances are a moment late to take up. */
const late = ["NoEndpoints", "ContainersNotReady", "Degraded"];
const isTrouble = (state: Shown): boolean => isDecided(state) && ![...late, "Ready"].includes(state.reason) && !waitsForRoom(state);

/**
 * The same of what has befallen a deployment that serves: of its troubles it need not show all that it did on a real cluster,
 * but no others, in that order, and it ends as it did there.
 */
export function flawOfCourse({ states, end }: Sequence, recorded: Sequence): string | undefined {
  const known = [...new Set(recorded.states.filter(isTrouble).map(wordsOf))];
  const places = states.filter(isTrouble).map((state) => known.indexOf(wordsOf(state)));
  const isAsKnown = places.every((place, index) => place >= 0 && place >= (places[index - 1] ?? 0));
  if (!isAsKnown) return `${states.map(wordsOf).join(" > ")} is not as recorded: ${known.join(" > ")}`;
  const unlike = states.find(({ status }) => recorded.states.every((each) => each.status !== status));
  if (unlike) return `${wordsOf(unlike)} is of a status that was not recorded`;
  return wordsOf(end) === wordsOf(recorded.end) ? undefined : `it ended with ${wordsOf(end)}, not with ${wordsOf(recorded.end)}`;
}
