import { WorkflowError } from "../../domain/errors.ts";
import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { labels } from "../../domain/names.ts";
import { type Cluster, KubernetesError } from "../ports/cluster.ts";

/**
 * Creates an object that is never changed afterwards, and gives it, or the one that was found; nothing for a Secret that was there. One that is there already was made by an earlier try whose reply
 * was lost, which `check` confirms; Secrets nobody may read, and their names are never used twice.
 */
export async function createOnce(
  cluster: Cluster,
  object: KubernetesObject,
  check: (found: KubernetesObject) => void,
): Promise<KubernetesObject | undefined> {
  const { kind, metadata } = object;
  try {
    return await cluster.create(object);
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    if (error.reason !== "AlreadyExists") throw refused(object, error);
    if (kind === "Secret") return undefined;
    const found = await cluster.get(kind as Kind, metadata.namespace ?? null, metadata.name as string);
    if (found) check(found);
    return found;
  }
}

/** For objects of a slot: what has the name must belong to the same deployment and attempt. */
export const sameAttempt =
  (wanted: KubernetesObject) =>
  (found: KubernetesObject): void => {
    const same = [labels.uid, labels.epoch].every((name) => found.metadata.labels?.[name] === wanted.metadata.labels?.[name]);
    if (same) return;
    const { name, namespace } = wanted.metadata;
    throw new WorkflowError(
      "ClusterRefused",
      "AlreadyExists",
      `${wanted.kind} ${namespace}/${name} is there already and belongs to something else: remove it and try again`,
    );
  };

/** Quota, pod security and admission say what they miss: their words are the cause. */
const refused = ({ kind, metadata }: KubernetesObject, { reason, message }: KubernetesError): WorkflowError =>
  new WorkflowError("ClusterRefused", reason, `${kind} ${metadata.namespace ?? ""}/${metadata.name} was refused: ${message}`);
