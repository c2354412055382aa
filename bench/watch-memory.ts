import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { KubernetesObject } from "../domain/kubernetes.ts";
import type { Cluster } from "../lambdas/ports/cluster.ts";
import { systemClock } from "../lambdas/runtime/surroundings.ts";
import { ClusterWatch } from "../lambdas/sync/cluster-watch.ts";

/** Heap that a watch keeps when a cluster has so many pods, each like one that runs there, and how long its lists take. */
export async function watchMemory(cluster: Cluster, pods: number): Promise<{ megabytes: number; seconds: number }> {
  const { items } = await cluster.list("Pod", { namespace: null, labels: { "app.kubernetes.io/managed-by": "slipway" } });
  const text = JSON.stringify(items[0]);
  const many = {
    ...cluster,
    list: async (kind: string, _scope: object, keep: (object: KubernetesObject) => KubernetesObject = (object) => object) => {
      const count = kind === "Pod" ? pods : 0;
      return { resource_version: "1", items: Array.from({ length: count }, (_, number) => keep(numbered(text, number))) };
    },
    watch: async function* (_kind: string, _scope: object, _version: string, signal: AbortSignal) {
      await systemClock.sleep(3_600_000, signal).catch(() => undefined);
    },
  } as unknown as Cluster;
  const before = heap();
  const began = performance.now();
  const watch = new ClusterWatch({ cluster: many, clock: systemClock, log: { warn: console.error } });
  await watch.begin();
  const seconds = (performance.now() - began) / 1000;
  const megabytes = (heap() - before) / 2 ** 20;
  watch.stop();
  return { megabytes, seconds };
}

function numbered(text: string, number: number): KubernetesObject {
  const pod = JSON.parse(text) as KubernetesObject;
  Object.assign(pod.metadata, { uid: `uid-${number}`, name: `${pod.metadata.name}-${number}`, resourceVersion: String(number + 1) });
  Object.assign(pod.metadata, { labels: { ...pod.metadata.labels, "slipway.dev/uid": `deployment-${number % 1_000}` } });
  return pod;
}

/** Bytes, after all that nobody holds has been given back. */
export function heap(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}
