import { type Fault, type FaultKind, faultKinds } from "./faults.ts";
import type { Path } from "./path.ts";
import { paths } from "./paths.ts";
import { type Outcome, runPath } from "./run.ts";
import { stumblingPaths } from "./stumbles.ts";

/** A path with one fault at one of its side effects, or with none. */
export interface Cell {
  path: Path;
  faults: Fault[];
}
export interface Failure {
  path: string;
  faults: readonly Fault[];
  outcome: Outcome;
}

/** Those by hand, and those that are made from the state machines. */
export const allPaths = async (): Promise<Path[]> => [...paths, ...(await stumblingPaths())];

/** The path without a fault, and every fault at every side effect that it has then. Throws when that run is not as it should be. */
export async function cellsOf(path: Path, kinds: readonly FaultKind[] = faultKinds): Promise<Cell[]> {
  const outcome = await runPath(path, []);
  if (outcome.violations.length > 0) throw new Error(told({ path: path.name, faults: [], outcome }));
  const plain: Cell = { path, faults: [] };
  if (path.isOnlyPlain) return [plain];
  const numbers = Array.from({ length: outcome.effects - outcome.first + 1 }, (_, index) => index + outcome.first);
  return [plain, ...numbers.flatMap((at) => kinds.map((kind) => ({ path, faults: [{ at, kind }] })))];
}

export const runCell = ({ path, faults }: Cell): Promise<Outcome> => runPath(path, faults);

const linesShown = 60;

export const inShort = ({ path, faults }: Pick<Failure, "path" | "faults">): string =>
  `${path}, ${faults.map(({ at, kind }) => `${kind} at ${at}`).join(", ") || "no fault"}`;

/** For who has to find the cause: what was violated, and what had happened until then. */
export function told({ path, faults, outcome: { violations, trace, outcomes, log } }: Failure): string {
  const clock = (time: number) => new Date(time).toISOString().slice(11, 23);
  const last = violations[0]?.time ?? Number.POSITIVE_INFINITY;
  const lines = trace
    .filter(({ time }) => time <= last)
    .slice(-linesShown)
    .map(({ at, time, executor, effect, fault }) => `  ${at} ${clock(time)} ${executor}: ${effect}${fault ? `   <-- ${fault}` : ""}`);
  return [
    inShort({ path, faults }),
    ...violations.map(({ invariant, message, time }) => `  VIOLATED at ${clock(time)}: ${invariant}: ${message}`),
    ...lines,
    `  outcomes: ${outcomes.join("; ")}`,
    ...log.map((line) => `  log: ${line}`),
  ].join("\n");
}
