import { type Resource, timestamp } from "../objects/resource.ts";
import { isTerminal, type Pod } from "../objects/workloads.ts";
import type { KindRule } from "./kinds.ts";
import { badRequest, conflict } from "./status-error.ts";

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: "Background" | "Foreground" | "Orphan";
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

/** `gone`: removed at once. Otherwise the object as it is while something still has to happen. */
export interface Deletion {
  gone: boolean;
  object: Resource;
}

/** What a delete request does to an object: removes it, or marks it until kubelet, finalizers or the collector are done. */
export function decideDeletion(rule: KindRule, object: Resource, options: DeleteOptions, now: number): Deletion {
  checkPreconditions(rule, object, options.preconditions);
  const finalizers = withPropagation(object, options.propagationPolicy);
  const grace = gracePeriod(object, options.gracePeriodSeconds);
  if (finalizers.length === 0 && grace === 0 && object.kind !== "Namespace") return { gone: true, object };
  const { metadata } = object;
  const shortened = metadata.deletionTimestamp && grace < (metadata.deletionGracePeriodSeconds ?? 0);
  if (metadata.deletionTimestamp && !shortened && finalizers.length === (metadata.finalizers?.length ?? 0)) return { gone: false, object };
  const asked = metadata.deletionTimestamp
    ? Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000
    : now;
  const marked: Resource = {
    ...object,
    metadata: {
      ...metadata,
      ...(finalizers.length > 0 && { finalizers }),
      deletionTimestamp: timestamp(asked + grace * 1000),
      deletionGracePeriodSeconds: grace,
      ...(metadata.generation && !metadata.deletionTimestamp && { generation: metadata.generation + 1 }),
    },
  };
  if (object.kind === "Namespace") marked.status = { phase: "Terminating" };
  return { gone: false, object: marked };
}

function checkPreconditions(rule: KindRule, object: Resource, preconditions: DeleteOptions["preconditions"]): void {
  const { name, uid, resourceVersion } = object.metadata;
  const asKind = { group: rule.group, plural: rule.kind };
  if (preconditions?.uid && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(asKind, name, why);
  }
  if (preconditions?.resourceVersion && preconditions.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(asKind, name, why);
  }
}

const collectorFinalizers = { Foreground: "foregroundDeletion", Orphan: "orphan" } as const;

function withPropagation(object: Resource, policy: DeleteOptions["propagationPolicy"]): string[] {
  const present = object.metadata.finalizers ?? [];
  if (!policy) return present;
  if (!["Background", "Foreground", "Orphan"].includes(policy)) {
    throw badRequest(`invalid propagationPolicy "${policy}": supported values: "Background", "Foreground", "Orphan"`);
  }
  const others = present.filter((finalizer) => finalizer !== "foregroundDeletion" && finalizer !== "orphan");
  return policy === "Background" ? others : [...others, collectorFinalizers[policy]];
}

/** Only a pod on a node has somebody to wait for. */
function gracePeriod(object: Resource, asked: number | undefined): number {
  if (object.kind !== "Pod") return 0;
  const pod = object as Pod;
  if (!pod.spec.nodeName || isTerminal(pod)) return 0;
  const seconds = asked ?? pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  return seconds < 0 ? 1 : seconds;
}
