import { isDeepStrictEqual } from "node:util";
import type { SmokeTest } from "../../domain/specification.ts";
import type { ProxyAnswer } from "../ports/cluster.ts";

/** Why an answer is not the expected one, for a person; undefined when it is. */
export function answerFault(
  { expect }: Pick<SmokeTest, "expect">,
  answer: Pick<ProxyAnswer, "status" | "body" | "latency_ms">,
): string | undefined {
  if (answer.status !== expect.status) return `answered ${answer.status}, expected ${expect.status}`;
  const fault = expect.json && jsonFault(expect.json, answer.body);
  if (fault) return fault;
  const limit = expect.max_latency_ms;
  return limit !== undefined && answer.latency_ms > limit
    ? `took ${Math.round(answer.latency_ms)} ms, at most ${limit} ms were expected`
    : undefined;
}

function jsonFault(expected: Record<string, unknown>, body: string): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return "the answer is not JSON";
  }
  for (const [path, value] of Object.entries(expected)) {
    const found = valueAt(document, path);
    if (!isDeepStrictEqual(found, value)) return `${path} is ${shown(found)}, expected ${shown(value)}`;
  }
  return undefined;
}

/** `outputs.0.data.0` → `document.outputs[0].data[0]`; undefined where the path leads nowhere. */
function valueAt(document: unknown, path: string): unknown {
  let here = document;
  for (const part of path.split(".")) {
    if (here === null || typeof here !== "object" || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string, unknown>)[part];
  }
  return here;
}

const shown = (value: unknown): string => (value === undefined ? "absent" : JSON.stringify(value).slice(0, 200));
