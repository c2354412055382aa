import { createInterface } from "node:readline";
import { labels, managedBy } from "../../domain/names.ts";
import type { ContainerLogRecord } from "../cluster/kubelet/node-parts.ts";
import { ApiError, type KubernetesApi, type KubernetesObject } from "./api.ts";

interface Run {
  containerID?: string;
}
interface ContainerStatus {
  name: string;
  restartCount: number;
  image: string;
  imageID: string;
  state?: { running?: object; terminated?: Run };
  lastState?: { terminated?: Run };
  containerID?: string;
}
interface Pod extends KubernetesObject {
  spec: { nodeName?: string };
  status?: { initContainerStatuses?: ContainerStatus[]; containerStatuses?: ContainerStatus[] };
}
/** One run of one container. */
interface ContainerRun {
  pod: Pod;
  status: ContainerStatus;
  id: string;
  /** Whether another run of it has begun. */
  isPrevious: boolean;
}

export interface LogSink {
  record(record: ContainerLogRecord): void;
  /** Time of the last line that is stored of a run, as the cluster wrote it; undefined: there is none. */
  lastTime(record: Omit<ContainerLogRecord, "time" | "stream" | "line" | "is_whole">): string | undefined;
}

const pauseMilliseconds = 1_000;
/** So many logs are followed at once; each is an open connection to the API server. */
const mostFollowed = 300;
const pods = `/api/v1/pods?labelSelector=${encodeURIComponent(`${labels.managedBy}=${managedBy}`)}`;

/**
 * Does what the add-on for CloudWatch does on the nodes of EKS, from here: follows what the containers of our pods write.
 * A line is missed when its container has gone before this has come to it; docs/kubernetes.md says when that can be.
 */
export class ContainerLogs {
  readonly #api: KubernetesApi;
  readonly #sink: LogSink;
  /** Of runs that are read or have been, by pod. */
  readonly #known = new Map<string, Set<string>>();
  readonly #waiting: ContainerRun[] = [];
  readonly #ended = new AbortController();
  #following = 0;

  constructor(api: KubernetesApi, sink: LogSink) {
    this.#api = api;
    this.#sink = sink;
    void this.#keepWatching();
  }

  stop(): void {
    this.#ended.abort();
  }

  async #keepWatching(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      // A watch ends by itself now and then, and with the API server: the list then tells what was missed.
      await this.#watchOnce().catch(() => undefined);
      await this.#pause();
    }
  }

  async #watchOnce(): Promise<void> {
    const { items, metadata } = await this.#api.get<{ items: Pod[]; metadata: { resourceVersion: string } }>(pods);
    for (const pod of items) this.#seen(pod);
    const there = new Set(items.map((pod) => pod.metadata.uid));
    for (const uid of this.#known.keys()) if (!there.has(uid)) this.#known.delete(uid);
    const path = `${pods}&watch=true&allowWatchBookmarks=true&resourceVersion=${metadata.resourceVersion}`;
    const response = await this.#api.open("GET", path, { signal: this.#ended.signal });
    for await (const line of createInterface({ input: response })) {
      const { type, object } = JSON.parse(line) as { type: string; object: Pod };
      if (type === "ERROR") return void response.destroy();
      if (type === "ADDED" || type === "MODIFIED") this.#seen(object);
      if (type === "DELETED") this.#known.delete(object.metadata.uid ?? "");
    }
  }

  #seen(pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    const known = this.#known.get(uid) ?? new Set();
    this.#known.set(uid, known);
    for (const run of runsOf(pod)) {
      if (known.has(run.id)) continue;
      known.add(run.id);
      this.#waiting.push(run);
    }
    this.#startNext();
  }

  #startNext(): void {
    while (this.#following < mostFollowed) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#following += 1;
      void this.#readAll(next).finally(() => {
        this.#following -= 1;
        this.#startNext();
      });
    }
  }

  /** Until the run has ended and all of it is read, or nothing of it is left. */
  async #readAll(run: ContainerRun): Promise<void> {
    const about = describe(run);
    let last = this.#sink.lastTime(about);
    while (!this.#ended.signal.aborted) {
      try {
        for await (const { time, line } of this.#lines(run, last)) {
          if (last !== undefined && comparable(time) <= comparable(last)) continue;
          last = time;
          this.#sink.record({ ...about, time, line, stream: "stdout", is_whole: true });
        }
        if (run.isPrevious || (await this.#isOver(run))) return;
      } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return;
      }
      await this.#pause();
    }
  }

  async *#lines({ pod, status, isPrevious }: ContainerRun, last: string | undefined) {
    const { namespace, name } = pod.metadata;
    const query = new URLSearchParams({ container: status.name, timestamps: "true" });
    query.set(isPrevious ? "previous" : "follow", "true");
    if (last) query.set("sinceTime", `${last.slice(0, 19)}Z`);
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?${query}`;
    const response = await this.#api.open("GET", path, { signal: this.#ended.signal });
    for await (const text of createInterface({ input: response })) {
      const [, time, line] = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?(.*)$/s.exec(text) ?? [];
      if (time !== undefined) yield { time, line: line ?? "" };
    }
  }

  /** A log that ends while its container runs was cut off. */
  async #isOver({ pod, status, id }: ContainerRun): Promise<boolean> {
    const now = await this.#api.find<Pod>(`/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`);
    if (!now || now.metadata.uid !== pod.metadata.uid) return true;
    const found = statusesOf(now).find(({ name }) => name === status.name);
    return found?.containerID !== id || found.state?.running === undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, pauseMilliseconds).unref());
  }
}

const statusesOf = ({ status }: Pod): ContainerStatus[] => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];

function runsOf(pod: Pod): ContainerRun[] {
  return statusesOf(pod).flatMap((status) => {
    const before = status.lastState?.terminated?.containerID;
    const now = status.state?.running || status.state?.terminated ? status.containerID : undefined;
    return [
      ...(before ? [{ pod, status: { ...status, restartCount: status.restartCount - 1 }, id: before, isPrevious: true }] : []),
      ...(now && now !== before ? [{ pod, status, id: now, isPrevious: false }] : []),
    ];
  });
}

function describe({ pod: { metadata, spec }, status, id }: ContainerRun) {
  return {
    ...{ namespace: metadata.namespace ?? "", pod: metadata.name, pod_uid: metadata.uid ?? "", node: spec.nodeName ?? "" },
    ...{ container: status.name, container_id: id, image: status.image, image_id: status.imageID, restart_count: status.restartCount },
    labels: metadata.labels ?? {},
  };
}

/** Fractions of a second are written without the zeros at their end. */
function comparable(time: string): string {
  const [, seconds = "", fraction = ""] = /^(.{19})(?:\.(\d+))?/.exec(time) ?? [];
  return `${seconds}.${fraction.padEnd(9, "0")}`;
}
