/** Something was not as it was said to be: the story ends here. */
export class Untruth extends Error {}

/** What a part of the story did and saw, a line each. */
export type Tell = (line: string) => void;

export function truth(isSo: boolean, claim: string, seen: unknown): asserts isSo {
  if (isSo) return;
  throw new Untruth(`not true: ${claim}. Seen: ${typeof seen === "string" ? seen : JSON.stringify(seen)}`);
}
