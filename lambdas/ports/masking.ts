/** Text that a program of a deployment wrote, and whose secrets may be in it. */
export interface MaskQuestion {
  uid: string;
  revision: number;
  texts: string[];
}

/**
 * The same texts without the values of that revision's secret variables; null when it has none, which stays so. Who asks may
 * not read the values.
 */
export type MaskSecrets = (question: MaskQuestion) => Promise<string[] | null>;

/** What stands in place of a text that could not be masked: what it said is lost rather than told. */
export const withheld = "(withheld: its secrets could not be masked)";

/** Texts without secrets, or nothing of them. */
export async function maskedOrWithheld(maskSecrets: MaskSecrets, question: MaskQuestion): Promise<string[]> {
  if (question.texts.length === 0) return [];
  const masked = await maskSecrets(question).catch(() => question.texts.map(() => withheld));
  return masked ?? question.texts;
}
