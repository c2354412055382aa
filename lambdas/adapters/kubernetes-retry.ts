import { WorkflowError } from "../../domain/errors.ts";
import { KubernetesError } from "../ports/cluster.ts";
import type { Clock } from "../ports/surroundings.ts";
import { exchange, type KubernetesAccess, type KubernetesReply, type KubernetesRequest, NoReply } from "./kubernetes-request.ts";
import { kubernetesError, statusIn } from "./kubernetes-status.ts";
import type { InTurn } from "./lanes.ts";

/** Five attempts wait at most 0.2 + 0.4 + 0.8 + 1.6 = 3 s between them, unless the API server asks for more. */
const attempts = 5;
/** No attempt is begun later: functions that make things have a minute. */
const longestMilliseconds = 45_000;
const firstPauseMilliseconds = 200;
const longestRetryAfterMilliseconds = 15_000;

/** Failures to reach or to trust the endpoint: a cluster that was made anew has another endpoint and CA. */
const placeIsWrong = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ERR_TLS_.*|.*CERT.*|UNABLE_TO_.*)$/;

/**
 * One request until it is answered: a new token once on 401, endpoint and CA looked up once more when they fail,
 * 429, 5xx and broken connections tried again with jitter. `ClusterUnavailable` when none of that helped;
 * every other answer, also a refusal, is the caller's to judge. Each attempt is made in turn: nobody waits for another's pause.
 */
export async function answered(
  access: KubernetesAccess,
  clock: Clock,
  asked: KubernetesRequest,
  inTurn?: InTurn,
): Promise<KubernetesReply> {
  const begun = clock.now();
  for (let attempt = 1; ; attempt++) {
    const outcome = await admitted(access, clock, asked, inTurn);
    if (!(outcome instanceof NoReply) && !isPassing(outcome)) return outcome;
    const pause = pauseBefore(attempt, outcome);
    if (attempt === attempts || clock.now() + pause - begun > longestMilliseconds) throw unavailable(asked, outcome);
    await clock.sleep(pause);
  }
}

/**
 * One attempt, as one who may make it: an API server that has just been started refuses everybody for a moment, until it
 * knows the roles. What it refuses has not been done, so that anything may be asked again. A refusal that stays is given.
 */
export async function admitted(
  access: KubernetesAccess,
  clock: Clock,
  asked: KubernetesRequest,
  inTurn: InTurn = (action) => action(),
): Promise<KubernetesReply | NoReply> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await inTurn(() => attemptOnce(access, asked));
    if (outcome instanceof NoReply || !isForbidden(outcome) || attempt === attempts) return outcome;
    await clock.sleep(firstPauseMilliseconds * 2 ** (attempt - 1));
  }
}

/** One attempt with the repairs that need no waiting. A failure without an answer is returned, not thrown. */
async function attemptOnce(access: KubernetesAccess, asked: KubernetesRequest): Promise<KubernetesReply | NoReply> {
  const first = await send(access, asked);
  if (first instanceof NoReply) return placeIsWrong.test(first.code) ? send(access, asked) : first;
  return first.status === 401 ? send(access, asked) : first;
}

async function send(access: KubernetesAccess, asked: KubernetesRequest): Promise<KubernetesReply | NoReply> {
  const [connection, token] = await Promise.all([access.connection(), access.token()]);
  try {
    const reply = await exchange(connection, token, asked);
    if (reply.status === 401) access.forgetToken(token);
    return reply;
  } catch (error) {
    if (!(error instanceof NoReply)) throw error;
    if (placeIsWrong.test(error.code)) access.forgetConnection(connection);
    return error;
  }
}

/** 409 with reason Conflict on a create is two requests at one quota: nothing was made. */
export function isPassing({ status, body }: KubernetesReply): boolean {
  return status === 429 || status >= 500 || (status === 409 && body.includes("resourcequotas") && statusIn(body)?.reason === "Conflict");
}

/** By authorization, which speaks of the user: quotas and admission refuse with the same status, and for good. */
export const isForbidden = ({ status, body }: KubernetesReply): boolean =>
  status === 403 && / is forbidden: User "[^"]*" cannot /.test(statusIn(body)?.message ?? "");

export function pauseBefore(attempt: number, outcome: KubernetesReply | NoReply): number {
  const jittered = Math.random() * firstPauseMilliseconds * 2 ** (attempt - 1);
  const seconds = outcome instanceof NoReply ? Number.NaN : Number(outcome.headers["retry-after"]);
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, longestRetryAfterMilliseconds) + jittered : jittered;
}

export function unavailable(
  { method, path }: Pick<KubernetesRequest, "method" | "path">,
  last: KubernetesReply | NoReply | KubernetesError,
): WorkflowError {
  const why = last instanceof Error ? last : kubernetesError(last);
  const reason = why instanceof KubernetesError ? why.reason : "NoAnswer";
  return new WorkflowError("ClusterUnavailable", reason, `the cluster's API server did not carry out ${method} ${path}: ${why.message}`);
}
