import { partsOfInstance } from "../../domain/instance-name.ts";
import { masked } from "../../domain/masking.ts";
import type { NamedDeployment } from "../../domain/names.ts";
import { type MaskSecrets, maskedOrWithheld } from "../ports/masking.ts";

interface Whose {
  uid: string;
  /** Nobody knows the values any more: what has the form of a secret is masked then. */
  is_deleted: boolean;
}

/** Lines without the secrets of their revisions; undefined for a line that no program with secrets has written. */
export async function maskedLines<Line extends { message: string }>(
  maskSecrets: MaskSecrets,
  { uid, is_deleted }: Whose,
  lines: readonly Line[],
  revisionOf: (line: Line) => number | undefined,
): Promise<Line[]> {
  if (is_deleted) return lines.map((line) => ({ ...line, message: masked(line.message) }));
  const told = new Map<Line, string>();
  for (const [revision, own] of Map.groupBy(lines, revisionOf)) {
    if (revision === undefined) continue;
    const texts = await maskedOrWithheld(maskSecrets, { uid, revision, texts: own.map(({ message }) => message) });
    for (const [index, line] of own.entries()) told.set(line, texts[index] ?? "");
  }
  return told.size === 0 ? [...lines] : lines.map((line) => ({ ...line, message: told.get(line) ?? line.message }));
}

/** Of lines of instances that may be gone: their names are left. */
export const revisionByName =
  (deployment: NamedDeployment) =>
  ({ instance }: { instance: string }): number | undefined =>
    partsOfInstance(deployment, instance)?.revision;
