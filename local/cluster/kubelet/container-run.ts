import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ContainerStateTerminated } from "kubernetes-types/core/v1.d.ts";
import { parseQuantity } from "../objects/quantity.ts";
import { timestamp } from "../objects/resource.ts";
import { endContainer } from "./container-end.ts";
import { type ContainerProcess, StartFailure, startProcess } from "./container-process.ts";
import { type ContainerRun, fieldPath, newContainerId } from "./container-state.ts";
import type { Launch } from "./environment.ts";
import type { PodRun } from "./pod-run.ts";
import { startProbers } from "./prober.ts";
import { noteReadiness } from "./readiness.ts";
import { terminationMessage } from "./termination-message.ts";

/** One run of a container, from its start to its end, with probes and memory watched. */
export async function runOnce(run: PodRun, container: ContainerRun, launch: Launch): Promise<ContainerStateTerminated> {
  const containerID = newContainerId();
  const folder = join(run.folder, "home", container.spec.name);
  mkdirSync(folder, { recursive: true });
  run.node.events.normal(run.pod, "Created", "Container created", fieldPath(container));
  const last = container.status.state?.terminated;
  if (last) container.status.lastState = { terminated: last };
  try {
    const process = await startProcess({ ...launch, folder, log: run.openLog(container, containerID) });
    return await superviseRun(run, container, process, launch, containerID);
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    return failedStart(run, container, containerID, error.message);
  }
}

async function superviseRun(
  run: PodRun,
  container: ContainerRun,
  process: ContainerProcess,
  launch: Launch,
  containerID: string,
): Promise<ContainerStateTerminated> {
  const startedAt = timestamp();
  container.process = process;
  container.began = Date.now();
  run.node.ledger.add(process.pid);
  watchMemory(run, container, process);
  const { status } = container;
  container.probeResults = { startup: !container.spec.startupProbe, readiness: !container.spec.readinessProbe };
  Object.assign(status, { state: { running: { startedAt } }, containerID });
  const probers = container.isInit ? undefined : startProbers(run, container, launch);
  noteReadiness(container);
  run.node.events.normal(run.pod, "Started", "Container started", fieldPath(container));
  run.publish();
  const stop = () =>
    void endContainer(run, container, launch, { message: `Stopping container ${container.spec.name}`, deadline: () => run.stopBy });
  run.stopping.addEventListener("abort", stop, { once: true });
  if (run.stopping.aborted) stop();
  const exitCode = await process.exited;
  run.stopping.removeEventListener("abort", stop);
  probers?.stop();
  run.node.memory.remove(process.pid);
  run.node.ledger.remove(process.pid);
  return noteEnd(run, container, { exitCode, startedAt, containerID, oomKilled: process.oomKilled });
}

function watchMemory(run: PodRun, container: ContainerRun, process: ContainerProcess): void {
  const limit = container.spec.resources?.limits?.memory;
  if (limit === undefined) return;
  run.node.memory.add(process.pid, parseQuantity(limit), () => {
    process.oomKilled = true;
    process.killAll();
  });
}

function noteEnd(
  run: PodRun,
  container: ContainerRun,
  { exitCode, startedAt, containerID, oomKilled }: { exitCode: number; startedAt: string; containerID: string; oomKilled: boolean },
): ContainerStateTerminated {
  delete container.process;
  const message = exitCode === 0 ? "" : terminationMessage(container);
  const terminated: ContainerStateTerminated = {
    exitCode,
    reason: oomKilled ? "OOMKilled" : exitCode === 0 ? "Completed" : "Error",
    ...(message && { message }),
    startedAt,
    finishedAt: timestamp(),
    containerID,
  };
  Object.assign(container.status, { state: { terminated }, ready: false, started: false });
  run.publish();
  return terminated;
}

function failedStart(run: PodRun, container: ContainerRun, containerID: string, message: string): ContainerStateTerminated {
  const terminated: ContainerStateTerminated = {
    exitCode: 128,
    reason: "StartError",
    message,
    startedAt: "1970-01-01T00:00:00Z",
    finishedAt: timestamp(),
    containerID,
  };
  Object.assign(container.status, {
    state: { waiting: { reason: "RunContainerError", message } },
    lastState: { terminated },
    containerID,
    ready: false,
  });
  run.publish();
  run.node.events.warning(run.pod, "Failed", `Error: ${message}`, fieldPath(container));
  return terminated;
}
