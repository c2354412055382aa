import { maskOf } from "../../domain/secret-values.ts";
import { components } from "../../domain/words.ts";
import type { MaskQuestion } from "../ports/masking.ts";
import type { SecretValues } from "../ports/secrets.ts";

/**
 * Reveals the values to nobody: they are compared here, and what goes out is the text without them. null: the revision has
 * none, so its texts are as they were.
 */
export async function maskSecrets({ uid, revision, texts }: MaskQuestion, secrets: Pick<SecretValues, "get">): Promise<string[] | null> {
  const found = await Promise.all(components.map((component) => secrets.get({ uid, revision, component })));
  const values = found.flatMap((each) => Object.values(each));
  return values.length > 0 ? texts.map(maskOf(values)) : null;
}
