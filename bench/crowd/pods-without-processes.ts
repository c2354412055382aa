import type { KubernetesObject } from "../../domain/kubernetes.ts";
import type { Cluster } from "../../lambdas/ports/cluster.ts";

const gate = "bench.slipway.dev/no-process";

/**
 * Whose pods no scheduler puts on a node, and in a namespace without bounds. Its quota is there all the same: where it is
 * missing, the system's own steps make it, with 1,000 pods.
 */
export function withoutProcesses(cluster: Cluster): Cluster {
  return {
    ...cluster,
    create: <T extends KubernetesObject>(object: T): Promise<T> => {
      if (object.kind === "ResourceQuota") return cluster.create({ ...object, spec: { hard: {} } });
      return cluster.create(object.kind === "Deployment" ? gated(object) : object);
    },
  };
}

function gated<T extends KubernetesObject>(deployment: T): T {
  const copy = structuredClone(deployment);
  (copy.spec as { template: { spec: object } }).template.spec = {
    ...(copy.spec as { template: { spec: object } }).template.spec,
    schedulingGates: [{ name: gate }],
  };
  return copy;
}

/** A scheduler has seen that it is not to put it on a node, and no kubelet has told of it yet. */
export function isGated({ status }: KubernetesObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status: is }) => type === "PodScheduled" && is === "False");
}

/** As a kubelet tells it of a pod that runs, and is ready or not. */
export function statusOf({ spec, metadata }: KubernetesObject, ready: boolean): object {
  const now = new Date().toISOString().replace(/\.\d+/, "");
  const status = ready ? "True" : "False";
  const condition = (type: string, is: string) => ({ type, status: is, lastTransitionTime: now });
  const { containers = [] } = (spec ?? {}) as { containers?: { name: string; image: string }[] };
  return {
    phase: "Running",
    podIP: "10.0.0.1",
    startTime: metadata.creationTimestamp,
    conditions: [
      ...["PodScheduled", "Initialized"].map((type) => condition(type, "True")),
      ...["ContainersReady", "Ready"].map((type) => condition(type, status)),
    ],
    containerStatuses: containers.map(({ name, image }) => ({
      ...{ name, image, imageID: `${image}@sha256:${"0".repeat(64)}`, ready, restartCount: 0, started: true },
      state: { running: { startedAt: metadata.creationTimestamp } },
    })),
  };
}
