import type { IncomingMessage } from "node:http";
import type { LogOptions } from "../ports/cluster.ts";
import type { Clock } from "../ports/surroundings.ts";
import { type KubernetesAccess, type KubernetesReply, NoReply, open } from "./kubernetes-request.ts";
import { isPassing, pauseBefore, unavailable } from "./kubernetes-retry.ts";
import { kubernetesError } from "./kubernetes-status.ts";

const attempts = 4;
/** Of the whole answer: who reads it has a deadline of its own. */
const longestMilliseconds = 25_000;
const longestRefusal = 64 * 1024;

export function logQuery(options: LogOptions): URLSearchParams {
  const query = new URLSearchParams({ container: options.container });
  if (options.limit_bytes !== undefined) query.set("limitBytes", String(options.limit_bytes));
  if (options.previous) query.set("previous", "true");
  if (options.timestamps) query.set("timestamps", "true");
  if (options.tail_lines !== undefined) query.set("tailLines", String(options.tail_lines));
  if (options.since_seconds !== undefined) query.set("sinceSeconds", String(options.since_seconds));
  if (options.since_time !== undefined) query.set("sinceTime", options.since_time);
  return query;
}

/**
 * A container's log as it comes from the node. What passes is tried again until the first byte; once some of it was given,
 * a log that breaks off is `ClusterUnavailable`. Who stops reading ends the request.
 */
export async function* streamLog(access: KubernetesAccess, clock: Clock, path: string): AsyncGenerator<string> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), longestMilliseconds);
  let isWhole = false;
  try {
    const response = await opened(access, clock, path, over.signal);
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    for await (const chunk of response) yield decoder.decode(chunk as Buffer, { stream: true });
    isWhole = true;
    yield decoder.decode();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code && !(error instanceof NoReply)
      ? unavailable({ method: "GET", path }, new NoReply(code, `the log broke off: ${message}`))
      : error;
  } finally {
    clearTimeout(timer);
    if (!isWhole) over.abort();
  }
}

async function opened(access: KubernetesAccess, clock: Clock, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await openOnce(access, path, signal);
    if (isLog(outcome)) return outcome;
    const isRefused = !(outcome instanceof NoReply) && outcome.status !== 401 && !isPassing(outcome);
    if (isRefused) throw kubernetesError(outcome);
    if (attempt === attempts) throw unavailable({ method: "GET", path }, outcome);
    await clock.sleep(pauseBefore(attempt, outcome), signal);
  }
}

const isLog = (outcome: IncomingMessage | KubernetesReply | NoReply): outcome is IncomingMessage => "statusCode" in outcome;

/** The head of the log, or what stood in its way. */
async function openOnce(access: KubernetesAccess, path: string, signal: AbortSignal): Promise<IncomingMessage | KubernetesReply | NoReply> {
  const [connection, token] = await Promise.all([access.connection(), access.token()]);
  try {
    const response = await open(connection, token, { method: "GET", path, headers: { accept: "*/*" } }, signal);
    if (response.statusCode === 200) return response;
    const reply = { status: response.statusCode ?? 0, headers: response.headers, body: await bodyOf(response) };
    if (reply.status === 401) access.forgetToken(token);
    return reply;
  } catch (error) {
    if (!(error instanceof NoReply)) throw error;
    access.forgetConnection(connection);
    return error;
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = "";
  response.setEncoding("utf8");
  for await (const chunk of response) body = (body + chunk).slice(0, longestRefusal);
  return body;
}
