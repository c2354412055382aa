import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";

/**
 * The Kubernetes API of one cluster, as one identity. All calls have a deadline, retry 429, 5xx and connection
 * errors with jitter (honouring Retry-After) and mint a new token once on 401.
 * Errors: `KubernetesError` with the API's own status, reason and message; `ClusterUnavailable` (WorkflowError)
 * when the API server could not be reached at all.
 */
export interface Cluster {
  create<T extends KubernetesObject>(object: T): Promise<T>;
  /** undefined when there is none. */
  get<T extends KubernetesObject>(kind: Kind, namespace: string | null, name: string): Promise<T | undefined>;
  /** `keep` makes of each object what is to be kept of it, page by page: thousands of whole pods would fill a memory. */
  list<T extends KubernetesObject>(kind: Kind, scope: Scope, keep?: (object: T) => T): Promise<{ items: T[]; resource_version: string }>;
  /** JSON merge patch; `metadata.resourceVersion` in it is the precondition. */
  patch<T extends KubernetesObject>(kind: Kind, namespace: string | null, name: string, mergePatch: object): Promise<T>;
  /**
   * By uid precondition. A missing object, or one with another uid, is no error: what was meant is gone. `uid` null
   * only for what the caller may not read (Secrets), whose name carries the epoch and is never used twice. With
   * `resourceVersion`, only as it was read: one that was changed since then stays, which is no error either.
   */
  remove(
    kind: Kind,
    namespace: string | null,
    name: string,
    uid: string | null,
    graceSeconds?: number,
    resourceVersion?: string,
  ): Promise<void>;
  /**
   * Events after `resourceVersion` until `signal` aborts; throws `KubernetesError` 410 when that is too old. Bookmarks included.
   * With null from the beginning: first all that there is, as ADDED, up to a bookmark by which `endsBeginning`. An API
   * server that cannot do that refuses it with 422, or 400. `returned` is told when the API server answers again, and for
   * how many milliseconds it did not; without end where it did not from the beginning on.
   */
  watch<T extends KubernetesObject>(
    kind: Kind,
    scope: Scope,
    resourceVersion: string | null,
    signal: AbortSignal,
    returned?: (awayMilliseconds: number) => void,
  ): AsyncIterable<WatchEvent<T>>;
  podLog(namespace: string, pod: string, options: LogOptions): Promise<string>;
  /** The same as it comes, in pieces of any size, without a limit of its own: who has enough stops reading. */
  streamLog(namespace: string, pod: string, options: Omit<LogOptions, "limit_bytes">): AsyncIterable<string>;
  /** Through the API server: `status`, `headers` and `body` are the backend's own; an error of the API server is a KubernetesError. */
  serviceProxy(target: ProxyTarget, request: ProxyRequest): Promise<ProxyAnswer>;
  /** As `serviceProxy`, to one pod. */
  podProxy(target: PodProxyTarget, request: ProxyRequest): Promise<ProxyAnswer>;
}

/** What may be asked at all, this identity may not: roles have to be changed first. */
export const isRefusal = (error: unknown): error is KubernetesError => error instanceof KubernetesError && error.code === 403;

export interface Scope {
  /** null: all namespaces. */
  namespace: string | null;
  labels?: Record<string, string>;
  /** Field selector as the API takes it, for instance `involvedObject.name=x`. */
  fields?: string;
}

export interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
}

export const beginningAnnotation = "k8s.io/initial-events-end";

/** All that there was when the watch began has been told. */
export const endsBeginning = ({ type, object }: WatchEvent<KubernetesObject>): boolean =>
  type === "BOOKMARK" && object.metadata.annotations?.[beginningAnnotation] === "true";

export interface LogOptions {
  container: string;
  previous?: boolean;
  tail_lines?: number;
  limit_bytes?: number;
  since_seconds?: number;
  /** Instead of `since_seconds`; RFC 3339. The node may give more: it counts in whole seconds. */
  since_time?: string;
  timestamps?: boolean;
}

export interface ProxyTarget {
  namespace: string;
  service: string;
  port: number | string;
}
export interface PodProxyTarget {
  namespace: string;
  pod: string;
  /** The API server takes no names of a pod's ports. */
  port: number;
}
export interface ProxyRequest {
  method: string;
  /** Starts with a slash; may carry a query. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  timeout_ms: number;
  /** A longer answer is an error; when not given, it is cut at 1 MiB. */
  limit_bytes?: number;
}
export interface ProxyAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** There was more of the body, which was not kept. */
  is_cut?: true;
  latency_ms: number;
}

export class KubernetesError extends Error {
  readonly code: number;
  readonly reason: string;
  constructor(code: number, reason: string, message: string) {
    super(message);
    this.name = "KubernetesError";
    this.code = code;
    this.reason = reason;
  }
}

/** Gives the client for a cluster's name; clients are kept for the life of the process. */
export type Clusters = (cluster: string) => Promise<Cluster>;
