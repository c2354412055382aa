/** What was read of one container, in the order in which it was written. */
export interface Run<Line extends { time: string }> {
  lines: Line[];
}

/**
 * Lines of several containers by their times. Each container's own order stays as it is, whatever its clock says; equal
 * times are in the order of the runs.
 */
export function mergeByTime<Line extends { time: string }>(runs: readonly Run<Line>[]): Line[] {
  if (runs.length === 1) return [...(runs[0]?.lines ?? [])];
  const heads = runs.map(() => 0);
  const merged: Line[] = [];
  for (;;) {
    let first = -1;
    for (let index = 0; index < runs.length; index += 1) {
      const line = runs[index]?.lines[heads[index] ?? 0];
      const best = runs[first]?.lines[heads[first] ?? 0];
      if (line && (!best || line.time < best.time)) first = index;
    }
    const line = runs[first]?.lines[heads[first] ?? 0];
    if (!line) return merged;
    merged.push(line);
    heads[first] = (heads[first] ?? 0) + 1;
  }
}

/** The oldest (or newest) lines that are at most so many, and together weigh no more than that; at least one. */
export function within<Line>(
  lines: readonly Line[],
  end: "oldest" | "newest",
  most: number,
  limit: number,
  weigh: (line: Line) => number,
): Line[] {
  const ordered = end === "oldest" ? lines : lines.toReversed();
  let taken = 0;
  let weight = 0;
  for (const line of ordered.slice(0, most)) {
    weight += weigh(line);
    if (taken > 0 && weight > limit) break;
    taken += 1;
  }
  return end === "oldest" ? ordered.slice(0, taken) : ordered.slice(0, taken).toReversed();
}
