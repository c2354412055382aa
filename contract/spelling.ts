/** Finds the name a person probably meant. */

/** Levenshtein distance: how many letters to insert, remove or replace. */
export function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}

/** The known name nearest to what was given; undefined when none is near enough to be meant. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (given.length > 64) return undefined; // no field name is so long, and the distance costs length times length
  const folded = given.toLowerCase();
  const best = known
    .map((name) => ({ name, distance: editDistance(folded, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

/** ` Did you mean "x"?` or, when nothing is near, the list to choose from. */
export function suggestion(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  if (near !== undefined) return `did you mean ${JSON.stringify(near)}?`;
  return known.length === 0 ? "nothing may be given here" : `known: ${known.join(", ")}`;
}
