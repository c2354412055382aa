import type { MaskQuestion, MaskSecrets } from "../ports/masking.ts";
import type { AwsSurroundings } from "../runtime/aws-surroundings.ts";
import { lambdaAnswers } from "./lambda-answers.ts";

/** Of one question: Lambda takes and gives 6 MB, and a mask may be longer than what it stands for. */
const mostBytes = 1024 * 1024;
/** Revisions that are remembered. */
const mostKnown = 10_000;

/**
 * Asks the one function that may compare a text with secrets; of a revision that has none, once. Errors: as `lambdaAnswers`;
 * the values were removed meanwhile.
 */
export function lambdaMasking(functionName: string, surroundings: AwsSurroundings): MaskSecrets {
  const ask = lambdaAnswers<MaskQuestion, string[] | null>(functionName, surroundings, 10_000);
  const without = new Set<string>();
  const withSecrets = new Set<string>();
  return async ({ uid, revision, texts }) => {
    const key = `${uid} ${revision}`;
    if (without.has(key)) return null;
    const answers: string[][] = [];
    for (const batch of batches(texts)) {
      const masked = await ask({ uid, revision, texts: batch });
      if (masked === null && withSecrets.has(key)) throw new Error(`the secrets of revision ${revision} of ${uid} are gone`);
      remember(masked === null ? without : withSecrets, key);
      if (masked === null) return null;
      answers.push(masked);
    }
    return answers.flat();
  };
}

function remember(known: Set<string>, key: string): void {
  if (known.size >= mostKnown) known.clear();
  known.add(key);
}

function batches(texts: string[]): string[][] {
  const all: string[][] = [];
  let bytes = 0;
  for (const text of texts) {
    const weight = Buffer.byteLength(text);
    const last = all.at(-1);
    if (!last || bytes + weight > mostBytes) {
      all.push([text]);
      bytes = weight;
    } else {
      last.push(text);
      bytes += weight;
    }
  }
  return all;
}
