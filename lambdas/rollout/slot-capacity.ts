import type { Head, SlotRecord } from "../../domain/deployment.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { workloadName } from "../../domain/names.ts";
import { components } from "../../domain/words.ts";
import type { Cluster } from "../ports/cluster.ts";

/** Whether a slot has every instance ready that it was provisioned with: only then may traffic come to it. */
export async function isWhole(cluster: Cluster, head: Head, { revision, epoch, desired }: SlotRecord): Promise<boolean> {
  for (const component of components) {
    const wanted = desired[component];
    if (wanted === null) continue;
    const found = await cluster.get("Deployment", head.place.namespace, workloadName(head, component, revision, epoch));
    if (!found || found.metadata.deletionTimestamp || available(found) < wanted) return false;
  }
  return true;
}

const available = ({ status }: KubernetesObject): number => (status as { availableReplicas?: number } | undefined)?.availableReplicas ?? 0;
