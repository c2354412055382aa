import { request } from "node:http";
import { type ContainerRun, fieldPath } from "./container-state.ts";
import type { Launch } from "./environment.ts";
import type { PodRun } from "./pod-run.ts";
import { execute, portOf } from "./probe.ts";

/** What remains for SIGTERM when the preStop hook has used up the grace period. */
const leastGrace = 2_000;

interface End {
  /** Of the Killing event. */
  message: string;
  /** When to kill, in milliseconds since the epoch; it may move closer. */
  deadline: () => number;
}

/** Ends a running container: preStop hook, SIGTERM, SIGKILL when its time is over. Resolves when it has ended. */
export async function endContainer(run: PodRun, container: ContainerRun, launch: Launch, end: End): Promise<void> {
  const { process } = container;
  if (!process) return;
  run.node.events.normal(run.pod, "Killing", end.message, fieldPath(container));
  const killer = killAt(end.deadline, () => process.killAll());
  try {
    await Promise.race([process.exited, preStop(run, container, launch), killer.due]);
    killer.atLeast(leastGrace);
    process.terminate();
    await process.exited;
  } finally {
    killer.cancel();
  }
}

/** Looks at the deadline again each second, because a second request may bring it forward. */
function killAt(deadline: () => number, kill: () => void) {
  const { promise: due, resolve } = Promise.withResolvers<void>();
  let least = 0;
  let overdue = false;
  let timer: NodeJS.Timeout;
  const look = () => {
    const left = Math.max(deadline(), least) - Date.now();
    if (left > 0) timer = setTimeout(look, Math.min(left, 1000));
    else if (overdue) kill();
    else {
      overdue = true;
      resolve();
      timer = setTimeout(look, 0);
    }
  };
  look();
  return {
    due,
    atLeast: (milliseconds: number) => {
      least = overdue ? Date.now() + milliseconds : 0;
    },
    cancel: () => clearTimeout(timer),
  };
}

async function preStop(run: PodRun, container: ContainerRun, launch: Launch): Promise<void> {
  const hook = container.spec.lifecycle?.preStop;
  if (!hook || run.isSilent) return;
  try {
    if (hook.sleep) await new Promise((resolve) => setTimeout(resolve, (hook.sleep?.seconds ?? 0) * 1000));
    else if (hook.exec) await execute(hook.exec.command ?? [], launch.env, Number.POSITIVE_INFINITY);
    else if (hook.httpGet) await callHook(portOf(run, container, hook.httpGet.port), hook.httpGet.path ?? "/");
  } catch (error) {
    run.node.events.warning(run.pod, "FailedPreStopHook", `PreStopHook failed: ${(error as Error).message}`, fieldPath(container));
  }
}

function callHook(port: number | undefined, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (port === undefined) return reject(new Error("connection refused"));
    request({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      response.resume();
      response.on("end", resolve);
    })
      .on("error", reject)
      .end();
  });
}
