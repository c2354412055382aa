import type { KubernetesObject } from "../../domain/kubernetes.ts";

/**
 * An object without what nobody here reads of it. A run that watches keeps every object of the cluster for as long as it
 * lasts, and most of a pod is what was asked for, not what became of it.
 */
export function trimmed(object: KubernetesObject): KubernetesObject {
  const { managedFields: _fields, ...metadata } = object.metadata;
  const slim = { ...object, metadata };
  if (object.kind === "Pod") return { ...slim, spec: trimmedPodSpec(object.spec as PodSpec | undefined) };
  if (object.kind === "ReplicaSet") return { ...slim, spec: { replicas: (object.spec as { replicas?: number } | undefined)?.replicas } };
  return slim;
}

interface PodSpec {
  nodeName?: string;
  containers?: Container[];
  initContainers?: Container[];
}
interface Container {
  name: string;
  image?: string;
  resources?: object;
  startupProbe?: Probe;
  readinessProbe?: Probe;
}
interface Probe {
  httpGet?: { path?: string };
}

function trimmedPodSpec({ nodeName, containers, initContainers }: PodSpec = {}): PodSpec {
  const slim = (each: Container[]) =>
    each.map(({ name, image, resources, startupProbe, readinessProbe }) => {
      const probes = {
        ...(startupProbe && { startupProbe: pathOf(startupProbe) }),
        ...(readinessProbe && { readinessProbe: pathOf(readinessProbe) }),
      };
      return { name, image, resources, ...probes } as Container;
    });
  return {
    ...(nodeName && { nodeName }),
    ...(containers && { containers: slim(containers) }),
    ...(initContainers && { initContainers: slim(initContainers) }),
  };
}

/** Where it asks is told when nothing is there. */
const pathOf = ({ httpGet }: Probe): Probe => ({ ...(httpGet?.path !== undefined && { httpGet: { path: httpGet.path } }) });
