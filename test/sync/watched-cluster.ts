import type { FreshnessMode } from "../../domain/freshness.ts";
import type { Specification } from "../../domain/specification.ts";
import { describeState, type State } from "../../domain/state.ts";
import type { WatchStart } from "../../lambdas/ports/watches.ts";
import { watch } from "../../lambdas/sync/watch.ts";
import { quietLog } from "../doubles/quiet-log.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene } from "../rollout/scene.ts";
import { WorkflowScene } from "../rollout/workflow-scene.ts";

export const seconds = 1000;
export const minutes = 60 * seconds;

export type WatchedCluster = Awaited<ReturnType<typeof watchedCluster>>;

/** A cluster in which one deployment runs, and the runs of the watch that follow it. */
export async function watchedCluster(over: Partial<Specification> = {}) {
  const scene = new Scene();
  const log = quietLog();
  const started: WatchStart[] = [];
  const runs: Promise<void>[] = [];
  const enough = new AbortController();
  await new WorkflowScene(scene).run("rollout", await scene.start(over));

  const ports = (freshness: FreshnessMode) => ({
    ...scene.ports,
    freshness,
    log: { warn: (message: string, error?: Error) => log.warn(message, error as Error) },
    watches: scene.record.watches,
    newId: () => `run-${runs.length}`,
    startWatch: async (start: WatchStart) => void started.push(start),
  });

  /** A run for at most so long, on the scene's clock, with an API server that sends its bookmarks. */
  function run(freshness: FreshnessMode = "always", milliseconds = 10 * minutes, start: WatchStart = { cluster: "local" }): Promise<void> {
    const end = scene.clock.now() + milliseconds;
    const remaining = () => (enough.signal.aborted ? 0 : end - scene.clock.now());
    const running = watch(start, ports(freshness), remaining);
    runs.push(running);
    return running;
  }
  const passes = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= 30 * seconds) {
      await scene.clock.sleep(Math.min(left, 30 * seconds));
      scene.cluster.bookmark();
    }
  };
  async function state(): Promise<State> {
    const head = await scene.head();
    return describeState(head, await scene.record.stillSeen(head, await scene.record.observed(scene.uid)), scene.clock.now());
  }
  const serving = () => scene.cluster.named("Deployment")[0] as string;
  const breakDown = (fate: "crashes" | "ready") => {
    scene.cluster.fate = () => fate;
    scene.cluster.rerun(serving());
  };
  async function end(): Promise<void> {
    enough.abort();
    await Promise.all(runs);
    await cleanUp();
  }
  return { scene, log, started, run, passes, state, breakDown, end };
}
