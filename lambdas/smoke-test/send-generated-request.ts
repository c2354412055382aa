import { WorkflowError } from "../../domain/errors.ts";
import type { SmokeTestResult } from "../../domain/evidence.ts";
import { type Cluster, KubernetesError, type ProxyAnswer, type ProxyTarget } from "../ports/cluster.ts";
import { longerThanRead } from "./answer-fault.ts";
import { errorWords } from "./error-words.ts";
import { type Described, type GeneratedRequest, generatedRequest } from "./generated-request.ts";

/** A model may take long over a request that nobody would send: that is no reason to stop a rollout. */
const timeout_ms = 20_000;

/** Has a space, which the name of a person's test cannot have. */
export const generatedName = "generated request";

/**
 * For a revision without tests of its own: one request made from what is told of the model's inputs. It fails the revision only when
 * the server breaks over what that asks for; what may be the request's fault is kept with a note.
 * undefined when no request can be made.
 */
export async function sendGeneratedRequest(
  cluster: Cluster,
  target: ProxyTarget,
  model: string,
  described: Described,
): Promise<SmokeTestResult | undefined> {
  const generated = generatedRequest(described);
  if (!generated) return undefined;
  const request = { method: "POST" as const, path: `/v2/models/${encodeURIComponent(model)}/infer`, body: JSON.stringify(generated.body) };
  const asked = { name: generatedName, request };
  try {
    const answer = await cluster.serviceProxy(target, { ...request, headers: { "content-type": "application/json" }, timeout_ms });
    const { status, body } = answer;
    const response = { status, body, latency_ms: Math.round(answer.latency_ms) };
    return { ...asked, ...verdictOf(generated, answer), response };
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    const response = { status: null, body: null, latency_ms: 0 };
    return { ...asked, passed: true, failure: null, note: noteOf(`no answer: ${error.message}`, generated.madeFrom), response };
  }
}

function verdictOf(
  { isCertain, madeFrom }: GeneratedRequest,
  { status, body, is_cut }: ProxyAnswer,
): Pick<SmokeTestResult, "passed" | "failure" | "note"> {
  const isGood = status >= 200 && status < 300;
  if (isGood && is_cut) return { passed: true, failure: null, note: `${longerThanRead}: whether it has outputs was not looked at` };
  if (isGood && hasOutputs(body)) return { passed: true, failure: null };
  const what = isGood ? `answered ${status} without outputs` : `answered ${status}`;
  if (isCertain && status >= 500) return { passed: false, failure: `${what} to a request made from ${madeFrom}${errorWords(body)}` };
  return { passed: true, failure: null, note: noteOf(isGood ? what : `${what}${errorWords(body)}`, madeFrom) };
}

const noteOf = (what: string, madeFrom: string): string =>
  `${what}: the request was made up from ${madeFrom}, so this says little; give smoke_tests with a request that the model knows`;

function hasOutputs(body: string): boolean {
  try {
    return Array.isArray((JSON.parse(body) as { outputs?: unknown } | null)?.outputs);
  } catch {
    return false;
  }
}

const isUnanswered = (error: unknown): error is Error =>
  (error instanceof KubernetesError && error.code >= 500) || (error instanceof WorkflowError && error.name === "ClusterUnavailable");
