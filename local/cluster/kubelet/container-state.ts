import { randomBytes } from "node:crypto";
import { timestamp } from "../objects/resource.ts";
import type { Container, ContainerStatus, Pod } from "../objects/workloads.ts";
import type { ContainerLog } from "./container-log.ts";
import type { ContainerProcess } from "./container-process.ts";

/** One container of a pod on this node: what it should be, what it is, and its present run. */
export interface ContainerRun {
  spec: Container;
  isInit: boolean;
  status: ContainerStatus;
  process?: ContainerProcess;
  log?: ContainerLog;
  /** When the present run began, in milliseconds since the epoch. */
  began: number;
  probeResults: { startup: boolean; readiness: boolean };
}

export function fieldPath(container: ContainerRun): string {
  return `spec.${container.isInit ? "initContainers" : "containers"}{${container.spec.name}}`;
}

export function newContainerId(): string {
  return `containerd://${randomBytes(32).toString("hex")}`;
}

/** A container as found: new, or one whose process ended with an earlier run of this node. */
export function newContainerRun(spec: Container, isInit: boolean, pod: Pod): ContainerRun {
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
