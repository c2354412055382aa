import { type Fault, type FaultKind, faultKinds } from "./faults.ts";
import type { Path } from "./paths.ts";
import { type Outcome, runPath } from "./run.ts";

/** A path with one fault at one of its side effects. */
export interface Cell {
  path: Path;
  fault: Fault;
}
export interface Failure {
  path: string;
  faults: readonly Fault[];
  outcome: Outcome;
}

/** Every fault at every side effect of the path as it goes without any. Throws when that one is not as it should be. */
export async function cellsOf(path: Path, kinds: readonly FaultKind[] = faultKinds): Promise<Cell[]> {
  const outcome = await runPath(path, []);
  if (outcome.violations.length > 0) throw new Error(told({ path: path.name, faults: [], outcome }));
  const numbers = Array.from({ length: outcome.effects }, (_, index) => index + 1);
  return numbers.flatMap((at) => kinds.map((kind) => ({ path, fault: { at, kind } })));
}

export async function runCell({ path, fault }: Cell): Promise<Failure | undefined> {
  const outcome = await runPath(path, [fault]);
  return outcome.violations.length > 0 ? { path: path.name, faults: [fault], outcome } : undefined;
}

const linesShown = 60;

/** For who has to find the cause: what was violated, and what had happened until then. */
export function told({ path, faults, outcome: { violations, trace, outcomes, log } }: Failure): string {
  const clock = (time: number) => new Date(time).toISOString().slice(11, 23);
  const last = violations[0]?.time ?? Number.POSITIVE_INFINITY;
  const lines = trace
    .filter(({ time }) => time <= last)
    .slice(-linesShown)
    .map(({ at, time, executor, effect, fault }) => `  ${at} ${clock(time)} ${executor}: ${effect}${fault ? `   <-- ${fault}` : ""}`);
  return [
    `${path}, ${faults.map(({ at, kind }) => `${kind} at ${at}`).join(", ") || "no fault"}`,
    ...violations.map(({ invariant, message, time }) => `  VIOLATED at ${clock(time)}: ${invariant}: ${message}`),
    ...lines,
    `  outcomes: ${outcomes.join("; ")}`,
    ...log.map((line) => `  log: ${line}`),
  ].join("\n");
}
