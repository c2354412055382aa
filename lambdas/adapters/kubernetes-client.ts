import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { type Cluster, KubernetesError, type ProxyAnswer, type ProxyRequest, type Scope } from "../ports/cluster.ts";
import type { Clock } from "../ports/surroundings.ts";
import { logQuery, streamLog } from "./kubernetes-log.ts";
import { type KubernetesAccess, type KubernetesReply, type KubernetesRequest, NoReply } from "./kubernetes-request.ts";
import { collectionPath, objectPath, typeOf } from "./kubernetes-resources.ts";
import { admitted, answered, unavailable } from "./kubernetes-retry.ts";
import { scopeQuery } from "./kubernetes-scope.ts";
import { kubernetesError, statusIn } from "./kubernetes-status.ts";
import { watchEvents } from "./kubernetes-watch.ts";
import { lanes } from "./lanes.ts";

const megabyte = 1024 * 1024;
const object = { timeoutMilliseconds: 10_000, limitBytes: 4 * megabyte };
/**
 * What is made may wait for its turn at a busy API server, which gives Services their addresses one after another. It goes on
 * with what nobody waits for any more, and would have to do it twice.
 */
const creation = { ...object, timeoutMilliseconds: 25_000 };
/** A page of pods is 5 to 15 KB each. */
const page = { timeoutMilliseconds: 30_000, limitBytes: 32 * megabyte };
const pageSize = 500;
/**
 * Of requests that are answered at once: each would otherwise have a connection of its own, whose handshake takes a starting
 * function longer than waiting its turn. What takes its time is not counted: watches, logs, and what is passed on to a program.
 */
const requestsAtOnce = 2;
const log = { timeoutMilliseconds: 15_000, limitBytes: megabyte };
const proxyLimitBytes = megabyte;
/** Whether it is there at all; everybody who is signed in may ask for its version. */
const apiServer = { timeoutMilliseconds: 5_000, limitBytes: megabyte };
const json = { "content-type": "application/json" };
const mergePatchJson = { "content-type": "application/merge-patch+json" };

/** The few verbs of the Kubernetes API that the product uses, over `node:https`. */
export function kubernetesClient(access: KubernetesAccess, clock: Clock, atOnce = requestsAtOnce): Cluster {
  const inTurn = lanes(atOnce);
  const ask: Ask = async (request) => succeeded(await answered(access, clock, request, inTurn));
  return {
    async create<T extends KubernetesObject>(given: T) {
      const path = collectionPath(given.kind as Kind, given.metadata.namespace ?? null);
      return parse<T>(await ask({ ...creation, method: "POST", path, headers: json, body: JSON.stringify(given) }));
    },
    async get<T extends KubernetesObject>(kind: Kind, namespace: string | null, name: string) {
      return orMissing(async () => parse<T>(await ask({ ...object, method: "GET", path: objectPath(kind, namespace, name) })));
    },
    async patch<T extends KubernetesObject>(kind: Kind, namespace: string | null, name: string, mergePatch: object) {
      const path = objectPath(kind, namespace, name);
      return parse<T>(await ask({ ...object, method: "PATCH", path, headers: mergePatchJson, body: JSON.stringify(mergePatch) }));
    },
    async remove(kind, namespace, name, uid, graceSeconds, resourceVersion) {
      const body = JSON.stringify({
        apiVersion: "v1",
        kind: "DeleteOptions",
        propagationPolicy: "Background",
        ...(uid !== null && { preconditions: { uid, ...(resourceVersion !== undefined && { resourceVersion }) } }),
        ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
      });
      await orMissing(() => ask({ ...object, method: "DELETE", path: objectPath(kind, namespace, name), headers: json, body }), 404, 409);
    },
    list: (kind, scope, keep) => listAll(ask, kind, scope, keep),
    watch: (...given) => watchEvents(access, ...given),
    async podLog(namespace, pod, options) {
      const reply = await answered(access, clock, {
        ...log,
        method: "GET",
        path: `${objectPath("Pod", namespace, pod)}/log?${logQuery({ ...options, limit_bytes: options.limit_bytes ?? log.limitBytes / 2 })}`,
        headers: { accept: "*/*" },
      });
      return succeeded(reply).body;
    },
    streamLog: (namespace, pod, options) => streamLog(access, clock, `${objectPath("Pod", namespace, pod)}/log?${logQuery(options)}`),
    serviceProxy: ({ namespace, service, port }, request) =>
      throughProxy(access, clock, proxyPath("Service", namespace, service, port), request),
    podProxy: ({ namespace, pod, port }, request) => throughProxy(access, clock, proxyPath("Pod", namespace, pod, port), request),
  };
}

function succeeded(reply: KubernetesReply): KubernetesReply {
  if (reply.status >= 300) throw kubernetesError(reply);
  return reply;
}

/** 404: there is none. 409 on a delete: the uid precondition failed, so what was meant is gone already. */
async function orMissing<T>(action: () => Promise<T>, ...missing: number[]): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof KubernetesError && [404, ...missing].includes(error.code)) return undefined;
    throw error;
  }
}

type Ask = (request: KubernetesRequest) => Promise<KubernetesReply>;
interface ListDocument<T> {
  metadata: { resourceVersion: string; continue?: string };
  items: T[];
}

/** All pages of one snapshot. Should it expire before the last page was asked for, once more from the start. */
async function listAll<T extends KubernetesObject>(
  ask: Ask,
  kind: Kind,
  scope: Scope,
  keep: (object: T) => T = (object) => object,
  isSecondTry = false,
): Promise<{ items: T[]; resource_version: string }> {
  const items: T[] = [];
  const query = scopeQuery(scope);
  query.set("limit", String(pageSize));
  try {
    for (;;) {
      const reply = await ask({ ...page, method: "GET", path: `${collectionPath(kind, scope.namespace)}?${query}` });
      const document = JSON.parse(reply.body) as ListDocument<T>;
      for (const item of document.items) items.push(keep(trimmed({ ...typeOf(kind), ...item })));
      if (!document.metadata.continue) return { items, resource_version: document.metadata.resourceVersion };
      query.set("continue", document.metadata.continue);
    }
  } catch (error) {
    if (isSecondTry || !(error instanceof KubernetesError && error.code === 410)) throw error;
    return listAll(ask, kind, scope, keep, true);
  }
}

const parse = <T extends KubernetesObject>(reply: KubernetesReply): T => trimmed(JSON.parse(reply.body) as T);

/** Half of an object is who wrote which field, which nobody here reads. */
function trimmed<T extends KubernetesObject>(given: T): T {
  delete given.metadata.managedFields;
  return given;
}

/**
 * Sent once: whether a request to a model may be sent twice is its sender's to know. The API server has no
 * deadline of its own for these requests and leaves `Authorization` out of what it passes on.
 */
async function throughProxy(access: KubernetesAccess, clock: Clock, proxy: string, asked: ProxyRequest): Promise<ProxyAnswer> {
  const path = proxy + asked.path;
  const { limit_bytes: limit } = asked;
  const size = limit === undefined ? { limitBytes: proxyLimitBytes, cutsLonger: true } : { limitBytes: limit };
  const begun = clock.now();
  const reply = await admitted(access, clock, {
    ...size,
    timeoutMilliseconds: asked.timeout_ms,
    method: asked.method,
    path,
    headers: { accept: "*/*", ...asked.headers },
    ...(asked.body !== undefined && { body: asked.body }),
  });
  if (reply instanceof NoReply) throw (await silence(access, clock, asked, reply)) ?? unavailable({ method: asked.method, path }, reply);
  if (statusIn(reply.body)) throw kubernetesError(reply);
  const { status, body, isCut } = reply;
  return { status, headers: flat(reply.headers), body, ...(isCut && { is_cut: true }), latency_ms: clock.now() - begun };
}

const proxyPath = (kind: "Service" | "Pod", namespace: string, name: string, port: number | string): string =>
  `${objectPath(kind, namespace, `${name}:${port}`).replace("%3A", ":")}/proxy`;

/** Where the API server itself answers, the program behind it is the one that did not: told as a gateway tells it. */
async function silence(
  access: KubernetesAccess,
  clock: Clock,
  { timeout_ms }: ProxyRequest,
  { code, isAnswer }: NoReply,
): Promise<KubernetesError | undefined> {
  if (!isAnswer) return undefined;
  const itself = await admitted(access, clock, { ...apiServer, method: "GET", path: "/version" });
  if (itself instanceof NoReply) return undefined;
  return new KubernetesError(504, "Timeout", code === "ETIMEDOUT" ? `it took longer than ${timeout_ms} ms` : "it broke off");
}

const flat = (headers: KubernetesReply["headers"]): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
