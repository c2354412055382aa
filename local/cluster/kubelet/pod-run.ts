import { rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ruleFor } from "../api/kinds.ts";
import { type Meta, timestamp } from "../objects/resource.ts";
import type { Container, Pod } from "../objects/workloads.ts";
import { ContainerLog, logFile } from "./container-log.ts";
import { type ContainerRun, newContainerRun } from "./container-state.ts";
import type { NodeParts } from "./node-parts.ts";
import { podStatus } from "./pod-status.ts";
import { isOnSilentNode } from "./silent-node.ts";

/** Seconds. */
const evictionGrace = 1;

/** A pod on this node, while the node is concerned with it. */
export class PodRun {
  readonly node: NodeParts;
  readonly uid: string;
  readonly folder: string;
  readonly initContainers: ContainerRun[];
  readonly containers: ContainerRun[];
  /** containerPort → port on 127.0.0.1. */
  readonly ports = new Map<number, number>();
  podIP: string | undefined;
  sandboxReady = false;
  ended = false;
  /** Why the node threw the pod out, once it has. */
  eviction: string | undefined;
  #pod: Pod;
  readonly #startTime: string;
  readonly #stopping = new AbortController();
  readonly #released = Promise.withResolvers<void>();
  #silent = false;
  #stopBy = Number.POSITIVE_INFINITY;

  constructor(node: NodeParts, pod: Pod) {
    this.node = node;
    this.#pod = pod;
    this.uid = pod.metadata.uid;
    this.folder = join(node.folder, this.uid);
    this.#startTime = pod.status.startTime ?? timestamp();
    const run = (isInit: boolean) => (spec: Container) => newContainerRun(spec, isInit, pod);
    this.initContainers = (pod.spec.initContainers ?? []).map(run(true));
    this.containers = pod.spec.containers.map(run(false));
  }

  get pod(): Pod {
    return this.#pod;
  }
  get meta(): Meta {
    return this.#pod.metadata;
  }
  /** Aborted as soon as the pod has to end. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }
  /** When what still runs is killed; milliseconds since the epoch. */
  get stopBy(): number {
    return this.#stopBy;
  }

  update(pod: Pod): void {
    this.#pod = pod;
  }

  stop(graceSeconds: number): void {
    this.#stopBy = Math.min(this.#stopBy, Date.now() + graceSeconds * 1000);
    this.#stopping.abort();
  }

  /** Ends the containers and leaves the pod there, so that whoever asks can see why. */
  evict(message: string): void {
    if (this.stopping.aborted) return;
    this.eviction = message;
    this.node.events.warning(this.#pod, "Evicted", message);
    this.stop(evictionGrace);
  }

  /** Its object is being deleted, or is gone. */
  release(): void {
    this.#released.resolve();
  }
  get released(): Promise<void> {
    return this.#released.promise;
  }

  get isSilent(): boolean {
    return this.#silent;
  }

  /** The node is going down: from now on nothing is said about the pod, as when a machine loses its power. */
  silence(): void {
    this.#silent = true;
  }

  /** Tells the API server how the pod is, when that has changed. */
  publish(): void {
    if (this.#silent || isOnSilentNode(this.node.registry, this.#pod)) return;
    this.node.registry.change<Pod>(
      "Pod",
      this.#pod,
      (draft) => {
        const next = podStatus(draft, {
          sandboxReady: this.sandboxReady,
          podIP: this.podIP,
          hostIP: "127.0.0.1",
          startTime: this.#startTime,
          initStatuses: this.initContainers.map(({ status }) => structuredClone(status)),
          statuses: this.containers.map(({ status }) => structuredClone(status)),
          ended: this.ended,
          eviction: this.eviction,
        });
        if (!isDeepStrictEqual(draft.status, next)) draft.status = next;
      },
      "status",
    );
  }

  openLog(container: ContainerRun, container_id: string): ContainerLog {
    const { namespace = "", name, labels = {} } = this.meta;
    const restarts = container.status.restartCount;
    const file = logFile(this.node.folder, this.uid, container.spec.name, restarts);
    const origin = {
      ...{ namespace, pod: name, pod_uid: this.uid, node: this.#pod.spec.nodeName ?? "", restart_count: restarts, labels },
      ...{ container: container.spec.name, container_id, image: container.status.image, image_id: container.status.imageID },
    };
    container.log = new ContainerLog(file, (record) => this.node.onContainerLog({ ...record, ...origin }));
    return container.log;
  }

  /** The log of that run of a container, when it has been written by this node since it started. */
  liveLog(name: string, restartCount: number): ContainerLog | undefined {
    const container = [...this.containers, ...this.initContainers].find(({ spec }) => spec.name === name);
    return container?.status.restartCount === restartCount ? container.log : undefined;
  }

  /** The pod has ended: nothing of it stays on the node, and the object may go. */
  finish(): void {
    if (this.podIP) this.node.network.release(this.podIP);
    rmSync(this.folder, { recursive: true, force: true });
    const { namespace, name, uid } = this.meta;
    const present = this.node.registry.find<Pod>("Pod", namespace, name);
    if (present?.metadata.uid !== uid) return;
    this.node.registry.delete(ruleFor("Pod"), namespace, name, { gracePeriodSeconds: 0 });
  }
}
