import { type FaultKind, faultKinds } from "./faults.ts";
import type { Lies } from "./lying.ts";
import { paths } from "./paths.ts";
import { runPath } from "./run.ts";

/** What is taken away, and the run that is to show it. */
export interface Guard {
  guard: string;
  lies: Lies;
  path: string;
  invariant: string;
  /** Which faults befall each side effect; none: the plain run shows it. */
  faults: (kind: FaultKind) => boolean;
}

/** The invariants that are violated without the guard, at least until its own is. */
export async function seenWithout({ lies, path: name, invariant, faults }: Guard): Promise<string[]> {
  const path = paths.find((known) => known.name === name);
  if (!path) throw new Error(`there is no path ${name}`);
  const kinds = faultKinds.filter(faults);
  const { effects } = await runPath(path, []);
  const runs = kinds.length === 0 ? [[]] : kinds.flatMap((kind) => Array.from({ length: effects }, (_, at) => [{ at: at + 1, kind }]));
  const seen = new Set<string>();
  for (const run of runs) {
    for (const violation of (await runPath(path, run, lies)).violations) seen.add(violation.invariant);
    if (seen.has(invariant)) break;
  }
  return [...seen];
}
