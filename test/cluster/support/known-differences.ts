import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

/** One line of `docs/local-cluster.md`. The list may not grow without a decision in `docs/adr`. */
export interface KnownDifference {
  /** By which the suite leaves out what it cannot ask of the local cluster. */
  name: string;
  /** What the local cluster does. */
  shows: string;
  because: string;
  /** Where the story of a recorded cause differs: `messages.waiting ErrImagePull`. */
  story?: { cause: string; place: string };
}

export const knownDifferences: KnownDifference[] = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "known-differences.json"), "utf8"),
);

/** Whether to leave a test out, because this is the local cluster and it is known to differ there. Throws for a name that is not known. */
export function differsHere(name: string): boolean {
  if (!knownDifferences.some((each) => each.name === name)) throw new Error(`known-differences.json has no ${name}`);
  return inject("cluster").kind === "local";
}

export const asLine = ({ name, shows, because }: KnownDifference): string => `- **${name}**: ${shows}: ${because}.`;
