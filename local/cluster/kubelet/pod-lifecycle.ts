import { runContainer } from "./container-lifecycle.ts";
import { pause } from "./node-parts.ts";
import { choosePorts } from "./pod-ports.ts";
import type { PodRun } from "./pod-run.ts";
import { MountFailure, prepareVolumes } from "./volumes.ts";

const firstMountRetry = 500;
const longestMountRetry = 122_000;

/** The life of a pod on its node: sandbox, volumes, init containers in turn, containers side by side, end. */
export async function runPod(run: PodRun, isRestart: boolean): Promise<void> {
  run.publish();
  if (isRestart) run.node.events.normal(run.pod, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
  if (await mountVolumes(run)) {
    await openSandbox(run);
    if (await runInitContainers(run)) await Promise.all(run.containers.map((container) => runContainer(run, container)));
  }
  run.ended = run.stopping.aborted || run.pod.spec.restartPolicy !== "Always";
  run.publish();
}

async function mountVolumes(run: PodRun): Promise<boolean> {
  for (let wait = firstMountRetry; ; wait = Math.min(wait * 2, longestMountRetry)) {
    try {
      prepareVolumes(run.node.registry, run.pod, run.folder);
      return true;
    } catch (error) {
      if (!(error instanceof MountFailure)) throw error;
      run.node.events.warning(run.pod, "FailedMount", error.message);
      if (!(await pause(wait * run.node.backOffFactor, run.stopping))) return false;
    }
  }
}

async function openSandbox(run: PodRun): Promise<void> {
  run.podIP = run.node.network.allocate();
  await choosePorts(run, [...run.pod.spec.containers, ...(run.pod.spec.initContainers ?? [])]);
  run.sandboxReady = true;
  run.publish();
}

async function runInitContainers(run: PodRun): Promise<boolean> {
  for (const container of run.initContainers) {
    const exitCode = await runContainer(run, container);
    if (run.stopping.aborted || exitCode !== 0) return false;
    container.status.ready = true;
    run.publish();
  }
  return true;
}
