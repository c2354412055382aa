import type { Head } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { namespaceObjects, newerTemplate } from "../../domain/manifests/namespace.ts";
import { labels, managedBy } from "../../domain/names.ts";
import { type Cluster, isRefusal, KubernetesError } from "../ports/cluster.ts";
import { createOnce } from "./create-once.ts";

/**
 * Create-once, object by object: a namespace that was half made is completed. What is there is left as it is, but for what an
 * earlier build has made otherwise.
 */
export async function makeNamespace(cluster: Cluster, { place, group }: Head): Promise<void> {
  for (const object of namespaceObjects({ place, group })) {
    const { kind, metadata } = object;
    const found = await cluster.get(kind as Kind, metadata.namespace ?? null, metadata.name as string);
    if (found) {
      requireOwn(found);
      await bringUpToDate(cluster, found, object);
    } else await createOnce(cluster, object, requireOwn);
  }
}

function requireOwn({ kind, metadata }: KubernetesObject): void {
  if (kind !== "Namespace" || metadata.labels?.[labels.managedBy] === managedBy) return;
  const message = `namespace ${metadata.name} is not Slipway's (it lacks the label ${labels.managedBy}=${managedBy}): remove it, or choose another namespace_prefix`;
  throw new WorkflowError("ClusterRefused", "AlreadyExists", message);
}

/** By one write, while it is as it was read: who was faster has done the same. */
async function bringUpToDate(cluster: Cluster, found: KubernetesObject, wanted: KubernetesObject): Promise<void> {
  const patch = newerTemplate(found, wanted);
  if (!patch) return;
  const { kind, metadata } = wanted;
  try {
    await cluster.patch(kind as Kind, metadata.namespace ?? null, metadata.name as string, patch);
  } catch (error) {
    const isOvertaken = error instanceof KubernetesError && error.code === 409;
    // The cluster's roles are of an earlier build too, which doctor says: no deployment is to wait for that.
    if (!isOvertaken && !isRefusal(error)) throw error;
  }
}
