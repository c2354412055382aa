import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { LogQuery } from "../api/node-access.ts";
import { isTerminal, type Node, type Pod } from "../objects/workloads.ts";
import { logFile, readLogFile } from "./container-log.ts";
import { isMirror } from "./mirror-pod.ts";
import type { NodeParts } from "./node-parts.ts";
import { runPod } from "./pod-lifecycle.ts";
import { PodRun } from "./pod-run.ts";
import { isOnSilentNode, isSilentNode } from "./silent-node.ts";
import { watchVolumes } from "./volume-watch.ts";

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
    removeFoldersOfNobody(parts);
    this.#unsubscribe = parts.registry.store.onChange(({ rule, type, object, previous }) => {
      if (rule.kind === "Node" && isSilentNode(previous as Node | undefined)) setImmediate(() => this.#heardAgain(object as Node));
      if (rule.kind !== "Pod") return;
      const pod = object as Pod;
      // Later, so that whoever made the change has finished with it.
      setImmediate(() => (type === "DELETED" ? this.#removed(pod) : this.#changed(pod.metadata.namespace ?? "", pod.metadata.name)));
    });
    for (const pod of parts.registry.list<Pod>("Pod")) this.#changed(pod.metadata.namespace ?? "", pod.metadata.name);
  }

  readLog(pod: Pod, query: LogQuery): Readable | undefined {
    const statuses = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])];
    const status = statuses.find(({ name }) => name === query.container);
    if (!status) return undefined;
    // While the next run has not begun, the last one is also the one that crashed.
    const wanted = query.previous && !status.state?.waiting ? status.restartCount - 1 : status.restartCount;
    const live = this.#runs.get(pod.metadata.uid)?.run.liveLog(query.container, wanted);
    return live?.read(query) ?? Readable.from([readLogFile(logFile(this.#parts.folder, pod.metadata.uid, query.container, wanted), query)]);
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
      run.release();
    }
    await Promise.all(runs.map(({ done }) => done));
  }

  #changed(namespace: string, name: string): void {
    const pod = this.#parts.registry.find<Pod>("Pod", namespace, name);
    if (this.#stopped || !pod?.spec.nodeName || isMirror(pod) || isOnSilentNode(this.#parts.registry, pod)) return;
    const known = this.#runs.get(pod.metadata.uid);
    known?.run.update(pod);
    // Readiness gates are opened by others.
    known?.run.publish();
    const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
    if (!known) this.#begin(pod);
    else if (deletionTimestamp) {
      known.run.stop(deletionGracePeriodSeconds);
      known.run.release();
    }
  }

  #removed(pod: Pod): void {
    if (isOnSilentNode(this.#parts.registry, pod)) return;
    const known = this.#runs.get(pod.metadata.uid);
    known?.run.stop(0);
    known?.run.release();
    // Of a pod that had ended before this node started only the files are left.
    if (!known) rmSync(join(this.#parts.folder, pod.metadata.uid), { recursive: true, force: true });
  }

  /** What was changed on a node while nothing was heard of it is done now. */
  #heardAgain(node: Node): void {
    if (this.#stopped || isSilentNode(node)) return;
    const pods = this.#parts.registry.list<Pod>("Pod").filter(({ spec }) => spec.nodeName === node.metadata.name);
    const there = new Set(pods.map(({ metadata }) => metadata.uid));
    const gone = [...this.#runs.values()].map(({ run }) => run.pod).filter((pod) => pod.spec.nodeName === node.metadata.name);
    for (const pod of gone) if (!there.has(pod.metadata.uid)) this.#removed(pod);
    for (const { metadata } of pods) this.#changed(metadata.namespace ?? "", metadata.name);
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
    const unwatch = watchVolumes(run);
    try {
      await runPod(run, isRestart);
    } catch (error) {
      console.error(`local cluster, pod ${run.meta.namespace}/${run.meta.name}:`, error);
      this.#parts.events.warning(run.pod, "FailedSync", `error syncing pod: ${(error as Error).message}`);
    }
    unwatch();
    await untilStopping(run);
    if (run.eviction !== undefined) await run.released;
    if (this.#stopped) return;
    this.#runs.delete(run.uid);
    run.finish();
  }
}

/** Pods may have been deleted while no node was there to clear up after them. */
function removeFoldersOfNobody({ registry, folder }: NodeParts): void {
  const known = new Set(registry.list<Pod>("Pod").map((pod) => pod.metadata.uid));
  mkdirSync(folder, { recursive: true });
  for (const uid of readdirSync(folder)) if (!known.has(uid)) rmSync(join(folder, uid), { recursive: true, force: true });
}

/** A pod whose containers have ended by themselves keeps its logs until it is deleted. */
function untilStopping(run: PodRun): Promise<void> {
  if (run.stopping.aborted) return Promise.resolve();
  return new Promise((resolve) => run.stopping.addEventListener("abort", () => resolve(), { once: true }));
}
