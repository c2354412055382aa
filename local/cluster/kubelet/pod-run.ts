import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ruleFor } from "../api/kinds.ts";
import { type Meta, timestamp } from "../objects/resource.ts";
import type { Container, ContainerStatus, Pod } from "../objects/workloads.ts";
import { ContainerLog } from "./container-log.ts";
import type { ContainerProcess } from "./container-process.ts";
import type { NodeParts } from "./node-parts.ts";
import { podStatus } from "./pod-status.ts";

/** One container of a pod on this node: what it should be, what it is, and its present run. */
export interface ContainerRun {
  spec: Container;
  isInit: boolean;
  status: ContainerStatus;
  process?: ContainerProcess;
  log?: ContainerLog;
  previousLog?: ContainerLog;
  /** When the present run began, in milliseconds since the epoch. */
  began: number;
  probeResults: { startup: boolean; readiness: boolean };
}

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
  #pod: Pod;
  readonly #startTime: string;
  readonly #stopping = new AbortController();
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

  /** The node is going down: from now on nothing is said about the pod, as when a machine loses its power. */
  silence(): void {
    this.#silent = true;
  }

  /** Tells the API server how the pod is, when that has changed. */
  publish(): void {
    if (this.#silent) return;
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
        });
        if (!isDeepStrictEqual(draft.status, next)) draft.status = next;
      },
      "status",
    );
  }

  openLog(container: ContainerRun): ContainerLog {
    const { namespace = "", name, labels = {} } = this.meta;
    const restarts = container.status.restartCount;
    const file = join(this.folder, "logs", container.spec.name, `${restarts}.log`);
    const origin = { namespace, pod: name, pod_uid: this.uid, container: container.spec.name, restart_count: restarts, labels };
    if (container.log) container.previousLog = container.log;
    container.log = new ContainerLog(file, (time, stream, line) => this.node.onContainerLog({ time, stream, line, ...origin }));
    return container.log;
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

export function fieldPath(container: ContainerRun): string {
  return `spec.${container.isInit ? "initContainers" : "containers"}{${container.spec.name}}`;
}

export function newContainerId(): string {
  return `containerd://${randomBytes(32).toString("hex")}`;
}

/** A container as found: new, or one whose process ended with an earlier run of this node. */
function newContainerRun(spec: Container, isInit: boolean, pod: Pod): ContainerRun {
  const known = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])].find(
    ({ name }) => name === spec.name,
  );
  const hasInit = (pod.spec.initContainers ?? []).length > 0;
  const status: ContainerStatus = {
    name: spec.name,
    state: { waiting: { reason: hasInit ? "PodInitializing" : "ContainerCreating" } },
    lastState: {},
    ready: false,
    restartCount: 0,
    image: spec.image ?? "",
    imageID: "",
    started: false,
  };
  if (known?.containerID) Object.assign(status, afterReboot(known));
  return { spec, isInit, status, began: 0, probeResults: { startup: false, readiness: false } };
}

function afterReboot(known: ContainerStatus): Partial<ContainerStatus> {
  const { running, terminated } = known.state ?? {};
  const lost = running && {
    exitCode: 255,
    reason: "Unknown",
    startedAt: running.startedAt as string,
    finishedAt: timestamp(),
    containerID: known.containerID as string,
  };
  const last = lost ?? terminated ?? known.lastState?.terminated;
  return {
    restartCount: known.restartCount + 1,
    image: known.image,
    imageID: known.imageID,
    ...(last && { lastState: { terminated: last } }),
  };
}
