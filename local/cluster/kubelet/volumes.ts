import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Registry } from "../api/registry.ts";
import type { Resource } from "../objects/resource.ts";
import type { Container, Pod } from "../objects/workloads.ts";

export interface MountedFolder {
  mountPath: string;
  folder: string;
  readOnly: boolean;
}

/** A volume that cannot be made yet; the message is that of the kubelet's FailedMount event. */
export class MountFailure extends Error {}

/** Makes the folders of the volumes that a pod's containers mount: empty ones, and the files of Secrets and ConfigMaps. */
export function prepareVolumes(registry: Registry, pod: Pod, podFolder: string): void {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const mounted = new Set(containers.flatMap((container) => (container.volumeMounts ?? []).map(({ name }) => name)));
  for (const volume of (pod.spec.volumes ?? []).filter(({ name }) => mounted.has(name))) {
    const folder = volumeFolder(podFolder, volume.name);
    mkdirSync(folder, { recursive: true });
    if (volume.secret?.secretName)
      writeFiles(registry, pod, volume.name, "Secret", volume.secret.secretName, volume.secret.optional, folder);
    if (volume.configMap?.name)
      writeFiles(registry, pod, volume.name, "ConfigMap", volume.configMap.name, volume.configMap.optional, folder);
  }
}

export function volumeFolder(podFolder: string, name: string): string {
  return join(podFolder, "volumes", name);
}

function writeFiles(
  registry: Registry,
  pod: Pod,
  volume: string,
  kind: "Secret" | "ConfigMap",
  name: string,
  optional: boolean | undefined,
  folder: string,
): void {
  const source = registry.find<Resource>(kind, pod.metadata.namespace, name);
  if (!source && optional) return;
  if (!source) throw new MountFailure(`MountVolume.SetUp failed for volume "${volume}" : ${kind.toLowerCase()} "${name}" not found`);
  const encoding = kind === "Secret" ? "base64" : "utf8";
  for (const [key, value] of Object.entries((source.data ?? {}) as Record<string, string>)) {
    writeFileSync(join(folder, key), Buffer.from(value, encoding), { mode: 0o600 });
  }
}

/** Where a container's mount paths really are, the longest path first. */
export function mountedFolders(container: Container, podFolder: string): MountedFolder[] {
  return (container.volumeMounts ?? [])
    .map(({ name, mountPath, subPath = "", readOnly = false }) => ({
      mountPath,
      folder: join(volumeFolder(podFolder, name), subPath),
      readOnly,
    }))
    .toSorted((a, b) => b.mountPath.length - a.mountPath.length);
}
