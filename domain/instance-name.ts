import { type NamedDeployment, routeName } from "./names.ts";
import type { Component } from "./words.ts";

/** What the names of a deployment's instances begin with; `revisions` null for any. A regular expression that holds no input. */
export function instancePattern(
  deployment: NamedDeployment,
  component: Component | undefined,
  revisions: readonly number[] | null,
): string {
  const letter = component === undefined ? "[pt]" : component === "predictor" ? "p" : "t";
  return `^${routeName(deployment)}-${letter}${revisions === null ? "[0-9]+" : `(${revisions.join("|")})`}-[0-9]+-`;
}

/** Component and revision, which stay readable in the name when the instance is long gone; undefined for somebody else's. */
export function partsOfInstance(deployment: NamedDeployment, instance: string): { component: Component; revision: number } | undefined {
  const [, letter, revision] = new RegExp(`^${routeName(deployment)}-([pt])([0-9]+)-[0-9]+-[a-z0-9-]+$`).exec(instance) ?? [];
  return letter === undefined ? undefined : { component: letter === "t" ? "transformer" : "predictor", revision: Number(revision) };
}
