import { Problem } from "../../domain/errors.ts";
import { mayLieAt, outsideMessage } from "../../domain/model-location.ts";
import type { Registry } from "../ports/record.ts";

/** Errors: Problem invalid-input, when the group takes no artifact from there. `path`: the field that names it. */
export async function requireLocation(registry: Pick<Registry, "modelLocations">, group: string, uri: string, path: string): Promise<void> {
  const message = await locationFault(registry, group, uri);
  if (message === undefined) return;
  throw new Problem("invalid-input", `The body is not valid. ${path}: ${message} (given ${JSON.stringify(uri)})`, {
    errors: [{ path, message, given: uri }],
  });
}

/** In words; undefined when the group takes an artifact from there. */
export async function locationFault(registry: Pick<Registry, "modelLocations">, group: string, uri: string): Promise<string | undefined> {
  const locations = await registry.modelLocations(group);
  return locations === null || mayLieAt(uri, locations) ? undefined : outsideMessage(group, locations);
}
