import type { SmokeTestResult } from "../../domain/evidence.ts";
import { secretNames } from "../../domain/manifests/environment.ts";
import type { Revision } from "../../domain/revision.ts";
import { type MaskSecrets, maskedOrWithheld, withheld } from "../ports/masking.ts";

/** What a server answered, without the secrets that its revision was given; nothing is asked of a revision that has none. */
export async function maskedResults<Result extends SmokeTestResult>(
  maskSecrets: MaskSecrets,
  uid: string,
  { revision, specification: { predictor, transformer } }: Revision,
  results: Result[],
): Promise<Result[]> {
  if (secretNames([...predictor.env, ...(transformer?.env ?? [])]).length === 0) return results;
  const texts = results.flatMap(textsOf).map((text) => text ?? "");
  const masked = await maskedOrWithheld(maskSecrets, { uid, revision, texts });
  const next = <Text extends string | null | undefined>(text: Text): Text => {
    const known = masked.shift() ?? withheld;
    return typeof text === "string" ? (known as Text) : text;
  };
  return results.map((result) => ({
    ...result,
    request: { ...result.request, body: next(result.request.body) },
    response: { ...result.response, body: next(result.response.body) },
    failure: next(result.failure),
    ...(result.note !== undefined && { note: next(result.note) }),
  }));
}

const textsOf = ({ request, response, failure, note }: SmokeTestResult): (string | null)[] => [
  request.body,
  response.body,
  failure,
  ...(note === undefined ? [] : [note]),
];
