import { masked } from "../masking.ts";
import type { ConditionStatus, ConditionType } from "../words.ts";

/** What one look at one thing says: a condition to be, and whether waiting can still change it. */
export interface Finding {
  type: ConditionType;
  status: ConditionStatus;
  reason: string;
  /** The cause alone; component, revision and slot are put before it. */
  message: string;
  /** The operation need not wait for its deadline: this will not get better. */
  final: boolean;
}

export function inProgress(type: ConditionType, reason: string, message: string): Finding {
  return { type, status: "Unknown", reason, message, final: false };
}

export function failed(type: ConditionType, reason: string, message: string, final: boolean): Finding {
  return { type, status: "False", reason, message, final };
}

const walk: readonly ConditionType[] = ["SCHEDULED", "INITIALIZED", "STARTED", "READY", "STOPPED"];

/** What is worst comes first: final, then failed, then the least far; equals stay in order. */
export function worst(findings: readonly Finding[]): Finding | undefined {
  return [...findings].sort((one, other) => badness(one) - badness(other))[0];
}

function badness({ type, status, final }: Finding): number {
  const severity = final ? 0 : status === "False" ? 1 : status === "Unknown" ? 2 : 3;
  return severity * walk.length + walk.indexOf(type);
}

const longestMessage = 400;

/** One line: white space runs together, and what is too long ends in an ellipsis. */
export function oneLine(text: string | undefined): string {
  const line = (text ?? "").replace(/\s+/g, " ").trim();
  return line.length > longestMessage ? `${line.slice(0, longestMessage - 1)}…` : line;
}

/** What a server says while it closes down; a stack that lies further back belongs to something else. */
const closingLines = 30;
/** A line of a stack: Python's, or one of JavaScript or Java. */
const frame = /^\s+(?:(File ")|at )/;

/**
 * The line that says why a program ended: the error of its last stack trace (Python writes it below the stack, JavaScript and
 * Java above), whatever the program said while it closed down, or else the last line.
 */
export function tellingLine(text: string | undefined): string {
  const lines = masked(text ?? "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const deepest = lines.findLastIndex((line, index) => index >= lines.length - closingLines && frame.test(line));
  const isMessage = (line: string) => /^\S/.test(line);
  const [, isPython] = frame.exec(lines[deepest] ?? "") ?? [];
  const error = isPython ? lines.slice(deepest).find(isMessage) : lines.slice(0, Math.max(0, deepest)).findLast(isMessage);
  // A later line that repeats the error says more: where it was, or what could not be done for it.
  return oneLine(error === undefined ? lines.at(-1) : lines.findLast((line) => isMessage(line) && line.includes(error)));
}

/** "what: detail", or "what" alone when there is no detail. */
export function withDetail(what: string, detail: string): string {
  return detail ? `${what}: ${detail}` : what;
}
