import type { ContainerStateTerminated } from "kubernetes-types/core/v1.d.ts";
import { runOnce } from "./container-run.ts";
import { type ContainerRun, fieldPath } from "./container-state.ts";
import { CrashBackOff, waitForRestart } from "./crash-back-off.ts";
import { ConfigError, type Launch, launchOf } from "./environment.ts";
import { ensureImage } from "./image-pull.ts";
import { pause, syncRetry } from "./node-parts.ts";
import { choosePorts } from "./pod-ports.ts";
import type { PodRun } from "./pod-run.ts";

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
    await choosePorts(run, [container.spec]);
  }
}

function placeOf(run: PodRun) {
  return { pod: run.pod, podIP: run.podIP as string, podFolder: run.folder, ports: run.ports };
}

/** Waits for what the configuration names: a Secret that is missing now may come. */
async function configure(run: PodRun, container: ContainerRun, make: () => Launch): Promise<Launch | undefined> {
  for (;;) {
    try {
      return await withServices(run, make());
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      container.status.state = { waiting: { reason: "CreateContainerConfigError", message: error.message } };
      run.publish();
      run.node.events.warning(run.pod, "Failed", `Error: ${error.message}`, fieldPath(container));
      if (!(await pause(syncRetry * run.node.backOffFactor, run.stopping))) return undefined;
    }
  }
}

/** Addresses of Services in command and environment, as a process of this machine can reach them. */
async function withServices(run: PodRun, { command, env }: Launch): Promise<Launch> {
  const localize = (text: string) => run.node.services.localize(text);
  const values = await Promise.all(Object.entries(env).map(async ([name, value]) => [name, await localize(value)]));
  return { command: await Promise.all(command.map(localize)), env: Object.fromEntries(values) };
}

function restartsAfter(run: PodRun, container: ContainerRun, ended: ContainerStateTerminated): boolean {
  const policy = run.pod.spec.restartPolicy;
  if (policy === "Never") return false;
  return ended.exitCode !== 0 || (policy === "Always" && !container.isInit);
}
