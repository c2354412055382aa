import { WorkflowError } from "../../domain/errors.ts";
import type { SmokeTestResult } from "../../domain/evidence.ts";
import { type Cluster, KubernetesError, type ProxyAnswer, type ProxyRequest, type ProxyTarget } from "../ports/cluster.ts";
import type { Clock } from "../ports/surroundings.ts";

/** The new Service's endpoints reach the API server's proxy a moment after the instances are ready. */
const attempts = 4;
const pauseMilliseconds = 1000;

/**
 * Sends one request to a slot and keeps what came of it. Only a connection that failed is tried again: an answer,
 * whatever it says, is an answer, and so is one that does not come in time or breaks off. Throws when the API server
 * itself is out of reach.
 */
export async function askSlot(
  ports: { cluster: Cluster; clock: Clock },
  target: ProxyTarget,
  name: string,
  request: ProxyRequest,
  faultIn: (answer: ProxyAnswer) => string | undefined,
): Promise<SmokeTestResult> {
  const asked = { method: request.method, path: request.path, body: request.body ?? null };
  const answer = await answerOf(ports, target, request);
  if (answer instanceof KubernetesError) {
    const failure = `${isSilence(answer) ? "no whole answer" : "the server could not be reached"}: ${answer.message}`;
    return { name, passed: false, request: asked, response: { status: null, body: null, latency_ms: 0 }, failure };
  }
  const failure = faultIn(answer) ?? null;
  const response = { status: answer.status, body: answer.body, latency_ms: Math.round(answer.latency_ms) };
  return { name, passed: failure === null, request: asked, response, failure };
}

/** The connection was there, and the program behind it did not answer, or not to the end: it may have done what was asked. */
const isSilence = (error: unknown): error is KubernetesError => error instanceof KubernetesError && error.code === 504;

async function answerOf({ cluster, clock }: { cluster: Cluster; clock: Clock }, target: ProxyTarget, request: ProxyRequest) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await cluster.serviceProxy(target, request);
    } catch (error) {
      if (isSilence(error)) return error;
      const isUnreached = error instanceof KubernetesError && error.code >= 500;
      const isBroken = error instanceof WorkflowError && error.name === "ClusterUnavailable";
      if (!isUnreached && !isBroken) throw error;
      if (attempt === attempts) {
        if (error instanceof KubernetesError) return error;
        throw error;
      }
    }
    await clock.sleep(pauseMilliseconds);
  }
}
