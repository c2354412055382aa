import { type Component, components } from "../../domain/words.ts";
import type { ComponentSecrets } from "../ports/secrets.ts";

/** Secrets of a request, by component: values given now, and names that keep the value of an earlier revision. */
export interface GivenSecrets {
  secret_values: Record<Component, Record<string, string>>;
  kept_secrets: Record<Component, string[]>;
  /** The revision whose values are kept. */
  kept_from: number;
}

/** What is to be stored with the revision; a component without secrets has no entry. */
export function revisionSecrets({ secret_values, kept_secrets, kept_from }: GivenSecrets): ComponentSecrets[] {
  return components.flatMap((component) => {
    const [values, names] = [secret_values[component], kept_secrets[component]];
    if (Object.keys(values).length === 0 && names.length === 0) return [];
    return { component, values, kept: names.length > 0 ? { revision: kept_from, names } : null };
  });
}
