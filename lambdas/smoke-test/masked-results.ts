import type { SmokeTestResult } from "../../domain/evidence.ts";
import { secretNames } from "../../domain/manifests/environment.ts";
import type { Revision } from "../../domain/revision.ts";
import type { MaskSecrets } from "../ports/masking.ts";

const withheld = "(not kept: its secrets could not be masked)";

/** What a server answered, without the secrets that its revision was given; nothing is asked of a revision that has none. */
export async function maskedResults(
  maskSecrets: MaskSecrets,
  uid: string,
  { revision, specification: { predictor, transformer } }: Revision,
  results: SmokeTestResult[],
): Promise<SmokeTestResult[]> {
  if (secretNames([...predictor.env, ...(transformer?.env ?? [])]).length === 0) return results;
  const texts = results.flatMap(textsOf);
  const masked = await maskSecrets({ uid, revision, texts: texts.map((text) => text ?? "") }).catch(() => texts.map(() => withheld));
  const next = (text: string | null): string | null => {
    const known = masked.shift() ?? withheld;
    return text === null ? null : known;
  };
  return results.map((result) => ({
    ...result,
    request: { ...result.request, body: next(result.request.body) },
    response: { ...result.response, body: next(result.response.body) },
    failure: next(result.failure),
  }));
}

const textsOf = ({ request, response, failure }: SmokeTestResult): (string | null)[] => [request.body, response.body, failure];
