import type { Head } from "../../domain/deployment.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { secretNames } from "../../domain/manifests/environment.ts";
import { workloadName } from "../../domain/names.ts";
import { components, slotNames } from "../../domain/words.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { DeploymentReader } from "../ports/record.ts";
import { type Attempt, attemptOf, isAmong } from "./attempts.ts";

/**
 * Secrets can be made and removed but not listed, so they are removed by the names that an attempt gave them: of the
 * attempts that still have other objects, and of those that the record names. That is why they go first.
 */
export async function removeSecrets(
  cluster: Cluster,
  head: Head,
  found: KubernetesObject[],
  kept: Attempt[],
  record: Pick<DeploymentReader, "revision">,
): Promise<void> {
  for (const { revision, epoch } of retiring(head, found, kept)) {
    const specification = (await record.revision(head.uid, revision))?.specification;
    for (const component of components) {
      const isMade = secretNames(specification?.[component]?.env ?? []).length > 0;
      if (isMade) await cluster.remove("Secret", head.place.namespace, workloadName(head, component, revision, epoch), null);
    }
  }
}

function retiring(head: Head, found: KubernetesObject[], kept: Attempt[]): Attempt[] {
  const all: Attempt[] = [];
  const named = slotNames.flatMap((slot) => head.slots[slot] ?? []);
  for (const attempt of [...found.map(attemptOf), ...named]) {
    if (!isAmong(kept, attempt) && !isAmong(all, attempt)) all.push({ revision: attempt.revision, epoch: attempt.epoch });
  }
  return all;
}
