import { withoutValues } from "../../domain/secret-values.ts";
import { components } from "../../domain/words.ts";
import type { MaskQuestion } from "../ports/masking.ts";
import type { SecretValues } from "../ports/secrets.ts";

/** Reveals the values to nobody: they are compared here, and what goes out is the text without them. */
export async function maskSecrets({ uid, revision, texts }: MaskQuestion, secrets: Pick<SecretValues, "get">): Promise<string[]> {
  const found = await Promise.all(components.map((component) => secrets.get({ uid, revision, component })));
  const values = found.flatMap((each) => Object.values(each));
  return texts.map((text) => withoutValues(text, values));
}
