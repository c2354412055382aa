import type { Component } from "../../domain/words.ts";
import { components } from "../../domain/words.ts";
import { RecordConflict } from "../ports/record.ts";
import type { SecretValues } from "../ports/secrets.ts";

/** Secrets of a request, by component: values given now, and names that keep the value of an earlier revision. */
export interface GivenSecrets {
  secret_values: Record<Component, Record<string, string>>;
  kept_secrets: Record<Component, string[]>;
  /** The revision whose values are kept. */
  kept_from: number;
}

/**
 * Writes a revision's secret values, then saves the revision, so that no stored revision ever lacks them. They are
 * taken back only when it is certain that the revision was not stored; what is left by a crash belongs to no revision.
 */
export async function withSecrets<T>(
  secrets: SecretValues,
  at: { uid: string; revision: number },
  given: GivenSecrets,
  save: () => Promise<T>,
): Promise<T> {
  const written: Component[] = [];
  try {
    for (const component of components) {
      const [values, names] = [given.secret_values[component], given.kept_secrets[component]];
      if (Object.keys(values).length === 0 && names.length === 0) continue;
      await secrets.put({ ...at, component }, values, names.length > 0 ? { revision: given.kept_from, names } : undefined);
      written.push(component);
    }
    return await save();
  } catch (error) {
    if (error instanceof RecordConflict) for (const component of written) await secrets.discard({ ...at, component });
    throw error;
  }
}
