import type { Readable } from "node:stream";
import type { LogQuery } from "../api/node-access.ts";
import { isTerminal, type Pod } from "../objects/workloads.ts";
import type { NodeParts } from "./node-parts.ts";
import { runPod } from "./pod-lifecycle.ts";
import { PodRun } from "./pod-run.ts";

/** How long containers get when the whole cluster stops. */
const shutdownGrace = 2;

/** Runs the pods that were put on its nodes. One kubelet serves all nodes: they are the same machine. */
export class Kubelet {
  readonly #parts: NodeParts;
  readonly #runs = new Map<string, { run: PodRun; done: Promise<void> }>();
  readonly #unsubscribe: () => void;
  #stopped = false;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    parts.ledger.endLeftovers();
    this.#unsubscribe = parts.registry.store.onChange(({ rule, type, object }) => {
      if (rule.kind !== "Pod") return;
      const pod = object as Pod;
      // Later, so that whoever made the change has finished with it.
      setImmediate(() => (type === "DELETED" ? this.#removed(pod) : this.#changed(pod.metadata.namespace ?? "", pod.metadata.name)));
    });
    for (const pod of parts.registry.list<Pod>("Pod")) this.#changed(pod.metadata.namespace ?? "", pod.metadata.name);
  }

  readLog(podUid: string, query: LogQuery): Readable | undefined {
    const run = this.#runs.get(podUid)?.run;
    const container = [...(run?.containers ?? []), ...(run?.initContainers ?? [])].find(({ spec }) => spec.name === query.container);
    if (!container) return undefined;
    // While the next run has not begun, the present log is that of the run that crashed.
    const crashed = container.status.state?.running ? container.previousLog : container.log;
    return (query.previous ? crashed : container.log)?.read(query);
  }

  /** Process ids of the main processes of a pod's containers. */
  processesOf(podUid: string): number[] {
    return (this.#runs.get(podUid)?.run.containers ?? []).flatMap(({ process }) => process?.pid ?? []);
  }

  /** Ends all containers; their pods stay, to be started again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    const runs = [...this.#runs.values()];
    for (const { run } of runs) {
      run.silence();
      run.stop(shutdownGrace);
    }
    await Promise.all(runs.map(({ done }) => done));
  }

  #changed(namespace: string, name: string): void {
    const pod = this.#parts.registry.find<Pod>("Pod", namespace, name);
    if (this.#stopped || !pod?.spec.nodeName) return;
    const known = this.#runs.get(pod.metadata.uid);
    known?.run.update(pod);
    // Readiness gates are opened by others.
    known?.run.publish();
    const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
    if (!known) this.#begin(pod);
    else if (deletionTimestamp) known.run.stop(deletionGracePeriodSeconds);
  }

  #removed(pod: Pod): void {
    this.#runs.get(pod.metadata.uid)?.run.stop(0);
  }

  #begin(pod: Pod): void {
    const run = new PodRun(this.#parts, pod);
    if (pod.metadata.deletionTimestamp) run.finish();
    if (pod.metadata.deletionTimestamp || isTerminal(pod)) return;
    const isRestart = pod.status.containerStatuses !== undefined;
    const done = this.#live(run, isRestart);
    this.#runs.set(pod.metadata.uid, { run, done });
  }

  async #live(run: PodRun, isRestart: boolean): Promise<void> {
    try {
      await runPod(run, isRestart);
    } catch (error) {
      console.error(`local cluster, pod ${run.meta.namespace}/${run.meta.name}:`, error);
      this.#parts.events.warning(run.pod, "FailedSync", `error syncing pod: ${(error as Error).message}`);
    }
    await untilStopping(run);
    if (this.#stopped) return;
    this.#runs.delete(run.uid);
    run.finish();
  }
}

/** A pod whose containers have ended by themselves keeps its logs until it is deleted. */
function untilStopping(run: PodRun): Promise<void> {
  if (run.stopping.aborted) return Promise.resolve();
  return new Promise((resolve) => run.stopping.addEventListener("abort", () => resolve(), { once: true }));
}
