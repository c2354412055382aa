import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ContainerStateTerminated } from "kubernetes-types/core/v1.d.ts";
import { parseQuantity } from "../objects/quantity.ts";
import { timestamp } from "../objects/resource.ts";
import { endContainer } from "./container-end.ts";
import { type ContainerProcess, StartFailure, startProcess } from "./container-process.ts";
import { CrashBackOff } from "./crash-back-off.ts";
import { ConfigError, type Launch, launchOf } from "./environment.ts";
import { ensureImage } from "./image-pull.ts";
import { pause } from "./node-parts.ts";
import { choosePorts } from "./pod-ports.ts";
import { type ContainerRun, fieldPath, newContainerId, type PodRun } from "./pod-run.ts";
import { startProbers } from "./prober.ts";
import { noteReadiness } from "./readiness.ts";
import { terminationMessage } from "./termination-message.ts";

/** The kubelet looks at a pod again after this when something went wrong with it. */
const syncRetry = 10_000;

/** Runs a container until it has ended for good or its pod ends. Gives the last exit code, if it ever ran. */
export async function runContainer(run: PodRun, container: ContainerRun): Promise<number | undefined> {
  const backOff = new CrashBackOff();
  for (;;) {
    const image = await ensureImage(run, container);
    const launch = image && (await configure(run, container, () => launchOf(run.node.registry, container.spec, image, placeOf(run))));
    if (!image || !launch || run.stopping.aborted) return undefined;
    Object.assign(container.status, { image: image.name, imageID: image.id });
    const began = Date.now();
    const ended = await runOnce(run, container, launch);
    if (run.stopping.aborted || !restartsAfter(run, container, ended)) return ended.exitCode;
    if (!(await waitForRestart(run, container, ended, backOff.after(Date.now() - began)))) return ended.exitCode;
    container.status.restartCount += 1;
    await choosePorts(run);
  }
}

function placeOf(run: PodRun) {
  return { pod: run.pod, podIP: run.podIP as string, podFolder: run.folder, ports: run.ports };
}

/** Waits for what the configuration names: a Secret that is missing now may come. */
async function configure(run: PodRun, container: ContainerRun, make: () => Launch): Promise<Launch | undefined> {
  for (;;) {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      container.status.state = { waiting: { reason: "CreateContainerConfigError", message: error.message } };
      run.publish();
      run.node.events.warning(run.pod, "Failed", `Error: ${error.message}`, fieldPath(container));
      if (!(await pause(syncRetry * run.node.backOffFactor, run.stopping))) return undefined;
    }
  }
}

async function runOnce(run: PodRun, container: ContainerRun, launch: Launch): Promise<ContainerStateTerminated> {
  const containerID = newContainerId();
  const folder = join(run.folder, "home", container.spec.name);
  mkdirSync(folder, { recursive: true });
  run.node.events.normal(run.pod, "Created", "Container created", fieldPath(container));
  const last = container.status.state?.terminated;
  if (last) container.status.lastState = { terminated: last };
  try {
    const process = await startProcess({ ...launch, folder, log: run.openLog(container) });
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

function restartsAfter(run: PodRun, container: ContainerRun, ended: ContainerStateTerminated): boolean {
  const policy = run.pod.spec.restartPolicy;
  if (policy === "Never") return false;
  return ended.exitCode !== 0 || (policy === "Always" && !container.isInit);
}

async function waitForRestart(run: PodRun, container: ContainerRun, ended: ContainerStateTerminated, wait: number): Promise<boolean> {
  if (wait === 0) return !run.stopping.aborted;
  const { name, namespace, uid } = run.meta;
  const { backOffFactor, events } = run.node;
  events.warning(
    run.pod,
    "BackOff",
    `Back-off restarting failed container ${container.spec.name} in pod ${name}_${namespace}(${uid})`,
    fieldPath(container),
  );
  // The back-off shows only when the kubelet looks again: a short one never does.
  const unseen = Math.min(wait, syncRetry);
  if (!(await pause(unseen * backOffFactor, run.stopping))) return false;
  if (wait <= unseen) return true;
  const message = `back-off ${durationText(wait)} restarting failed container=${container.spec.name} pod=${name}_${namespace}(${uid})`;
  Object.assign(container.status, { state: { waiting: { reason: "CrashLoopBackOff", message } }, lastState: { terminated: ended } });
  run.publish();
  return pause((wait - unseen) * backOffFactor, run.stopping);
}

function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
