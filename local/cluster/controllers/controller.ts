import type { Change } from "../api/change-log.ts";
import type { Registry } from "../api/registry.ts";
import { WorkQueue } from "./work-queue.ts";

export interface Controller {
  stop(): void;
}

/**
 * Runs `reconcile` for each key that `keysOf` names for a change, and once for each of `initialKeys`.
 * Gives the queue, for keys that are to be looked at again later.
 */
export function startController(
  registry: Registry,
  name: string,
  keysOf: (change: Change) => string[],
  initialKeys: () => string[],
  reconcile: (key: string, queue: WorkQueue) => void,
): Controller {
  const queue: WorkQueue = new WorkQueue(name, (key) => reconcile(key, queue));
  const unsubscribe = registry.store.onChange((change) => {
    for (const key of keysOf(change)) queue.add(key);
  });
  for (const key of initialKeys()) queue.add(key);
  return {
    stop: () => {
      unsubscribe();
      queue.stop();
    },
  };
}
