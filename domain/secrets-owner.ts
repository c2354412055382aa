import type { KubernetesObject } from "./kubernetes.ts";
import { labels } from "./names.ts";

/** Whose secrets an instance has in its environment. */
export interface SecretsOwner {
  uid: string;
  revision: number;
}

interface PodParts {
  spec?: { containers?: { env?: { valueFrom?: { secretKeyRef?: { name?: string } } }[] }[] };
}

/**
 * undefined when it has none. The Secret's name says which revision's they are: that cannot be changed while the instance
 * lives, as labels can.
 */
export function secretsOwner(pod: KubernetesObject): SecretsOwner | undefined {
  const references = ((pod as PodParts).spec?.containers ?? [])
    .flatMap(({ env = [] }) => env)
    .flatMap(({ valueFrom }) => (valueFrom?.secretKeyRef ? [valueFrom.secretKeyRef.name ?? ""] : []));
  const { [labels.uid]: uid, [labels.revision]: label } = pod.metadata.labels ?? {};
  if (references.length === 0 || uid === undefined) return undefined;
  const named = references.map((name) => /-[pt]([0-9]+)-[0-9]+$/.exec(name)?.[1]).find((revision) => revision !== undefined);
  return { uid, revision: Number(named ?? label) };
}
