import type { FieldExpectation, SmokeTest } from "../../domain/specification.ts";
import type { ProxyAnswer } from "../ports/cluster.ts";
import { errorWords } from "./error-words.ts";
import { fieldFault } from "./field-fault.ts";

/** Of a body that is cut: nothing of its JSON can be judged. */
export const longerThanRead = "the answer is longer than 1 MiB, which is as far as it was kept";

/** Why an answer is not the expected one, for a person; undefined when it is. */
export function answerFault(
  { expect }: Pick<SmokeTest, "expect">,
  answer: Pick<ProxyAnswer, "status" | "body" | "latency_ms" | "is_cut">,
): string | undefined {
  if (answer.status !== expect.status) return `answered ${answer.status}, expected ${expect.status}${errorWords(answer.body)}`;
  const fault = jsonFault(fieldsOf(expect), answer);
  if (fault) return fault;
  const limit = expect.max_latency_ms;
  return limit !== undefined && answer.latency_ms > limit
    ? `took ${Math.round(answer.latency_ms)} ms, at most ${limit} ms were expected`
    : undefined;
}

/** `json` is the short form for equality. */
const fieldsOf = ({ json = {}, fields = [] }: SmokeTest["expect"]): FieldExpectation[] => [
  ...Object.entries(json).map(([path, equals]) => ({ path, equals })),
  ...fields,
];

function jsonFault(fields: FieldExpectation[], { body, is_cut }: Pick<ProxyAnswer, "body" | "is_cut">): string | undefined {
  if (fields.length === 0) return undefined;
  if (is_cut) return `${longerThanRead}: ask for less of it, or expect its status only`;
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return `the answer is not JSON${pythonOnly(body)}`;
  }
  for (const field of fields) {
    const fault = fieldFault(field, document);
    if (fault) return fault;
  }
  return undefined;
}

/** What Python's json writes unasked, and nobody else reads. */
function pythonOnly(body: string): string {
  const [, word] = /[[,:]\s*(NaN|-?Infinity)\b/.exec(body) ?? [];
  return word ? `: it has ${word}` : "";
}
