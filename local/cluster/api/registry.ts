import { isDeepStrictEqual } from "node:util";
import { controllerOf, type Draft, type Resource } from "../objects/resource.ts";
import { matcherOf } from "../objects/selectors.ts";
import type { LabelSelector, Pod } from "../objects/workloads.ts";
import { admitChange, admitNew } from "./admission/chain.ts";
import { type DeleteOptions, type Deletion, decideDeletion } from "./deletion.ts";
import { type KindRule, ruleFor } from "./kinds.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { alreadyExists, badRequest, conflict, notFound, objectModified, StatusError } from "./status-error.ts";
import type { Store } from "./store.ts";

/**
 * The verbs on objects, with admission, preconditions and finalizers; the same for clients over HTTP and for the
 * controllers inside. All of it is synchronous: what was read has not changed when it is written.
 */
export class Registry {
  readonly store: Store;
  constructor(store: Store) {
    this.store = store;
  }

  find<T extends Resource>(kind: string, namespace: string | undefined, name: string): T | undefined {
    return this.store.find(ruleFor(kind), namespace, name) as T | undefined;
  }

  get(rule: KindRule, namespace: string | undefined, name: string): Resource {
    const found = this.store.find(rule, namespace, name);
    if (!found) throw notFound(rule, name);
    return found;
  }

  /** In no particular order. */
  list<T extends Resource>(kind: string, namespace?: string): T[] {
    return this.store.values(ruleFor(kind), namespace) as T[];
  }

  /** In no particular order. */
  podsOf(namespace: string, selector: LabelSelector): Pod[] {
    const selected = this.store.podLabels.select(namespace, selector) as Pod[] | undefined;
    return selected ?? this.list<Pod>("Pod", namespace).filter(({ metadata }) => matcherOf(selector)(metadata.labels));
  }

  /** Those of one kind that an object controls. In no particular order. */
  controlledBy<T extends Resource>(kind: string, { metadata: { uid } }: Resource): T[] {
    const owned = this.store.owners.ownedBy(uid);
    return owned.filter((object) => object.kind === kind && controllerOf(object)?.uid === uid) as T[];
  }

  create<T extends Resource>(draft: Draft, namespace = draft.metadata.namespace, dryRun = false): T {
    const rule = ruleFor(draft.kind);
    if (draft.metadata.resourceVersion)
      throw new StatusError(500, "InternalError", "resourceVersion should not be set on objects to be created");
    const object = admitNew(this.store, rule, draft, namespace);
    if (this.store.find(rule, namespace, object.metadata.name)) throw alreadyExists(rule, object.metadata.name);
    return (dryRun ? object : this.store.put(rule, object)) as T;
  }

  /** Replaces an object; `status` replaces its status alone. A resourceVersion in it is the precondition. */
  update(rule: KindRule, draft: Resource, part: "object" | "status" = "object"): Resource {
    const before = this.get(rule, draft.metadata.namespace, draft.metadata.name);
    const { resourceVersion, uid } = draft.metadata;
    if (uid && uid !== before.metadata.uid) {
      throw conflict(
        rule,
        draft.metadata.name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
      );
    }
    if (resourceVersion && resourceVersion !== before.metadata.resourceVersion) throw conflict(rule, draft.metadata.name, objectModified);
    const after = part === "status" ? { ...before, status: draft.status } : mergeServerFields(rule, before, structuredClone(draft));
    if (part === "object") admitChange(rule, before, after);
    if (rule.generation && specChanged(before, after)) after.metadata.generation = (before.metadata.generation ?? 1) + 1;
    if (isDeepStrictEqual(before, after)) return before;
    return isFinished(after) ? this.store.remove(rule, after) : this.store.put(rule, after);
  }

  mergePatch(rule: KindRule, namespace: string | undefined, name: string, patch: unknown, part: "object" | "status" = "object"): Resource {
    const before = this.get(rule, namespace, name);
    const merged = applyMergePatch(before, patch) as Resource;
    if (merged.metadata.name !== name) {
      throw badRequest(`the name of the object (${merged.metadata.name}) does not match the name on the URL (${name})`);
    }
    return this.update(rule, { ...merged, metadata: { ...merged.metadata, name, ...(namespace && { namespace }) } }, part);
  }

  /** For controllers: changes a copy of the object as it is now; writes only when something differs. Nothing when it is gone. */
  change<T extends Resource>(
    kind: string,
    object: Resource,
    edit: (draft: T) => void,
    part: "object" | "status" = "object",
  ): T | undefined {
    const rule = ruleFor(kind);
    const now = this.store.find(rule, object.metadata.namespace, object.metadata.name);
    if (!now || now.metadata.uid !== object.metadata.uid) return undefined;
    const draft = structuredClone(now) as T;
    edit(draft);
    return this.update(rule, draft, part) as T;
  }

  delete(rule: KindRule, namespace: string | undefined, name: string, options: DeleteOptions = {}): Deletion {
    const object = this.get(rule, namespace, name);
    const decision = decideDeletion(rule, object, options, Date.now());
    if (options.dryRun) return decision;
    if (decision.gone) return { gone: true, object: this.store.remove(rule, object) };
    if (isDeepStrictEqual(decision.object, object)) return decision;
    return { gone: false, object: this.store.put(rule, decision.object) };
  }

  /** Creates or replaces, as the operator of the cluster does at installation. */
  apply(draft: Draft): Resource {
    const rule = ruleFor(draft.kind);
    const before = this.store.find(rule, rule.namespaced ? draft.metadata.namespace : undefined, draft.metadata.name ?? "");
    if (!before) return this.create(draft);
    return this.mergePatch(rule, before.metadata.namespace, before.metadata.name, draft);
  }
}

/** Metadata that a client cannot change, and the status when it has a subresource of its own. */
function mergeServerFields(rule: KindRule, before: Resource, after: Resource): Resource {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, resourceVersion, generateName } =
    before.metadata;
  const owned = { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, resourceVersion, generateName };
  const metadata = { ...after.metadata, ...Object.fromEntries(Object.entries(owned).filter(([, value]) => value !== undefined)) };
  const { status: _, ...rest } = after;
  const status = rule.status ? before.status : after.status;
  return { ...rest, apiVersion: before.apiVersion, kind: before.kind, metadata, ...(status !== undefined && { status }) };
}

function specChanged(before: Resource, after: Resource): boolean {
  if (after.kind === "Deployment" && !isDeepStrictEqual(notes(before), notes(after))) return true;
  // Being put on a node is no change of what a pod is meant to be.
  if (after.kind === "Pod") return false;
  const { metadata: _, status: __, ...was } = before;
  const { metadata: ___, status: ____, ...is } = after;
  return !isDeepStrictEqual(was, is);
}

/** A Deployment's annotations count as its spec, as its ReplicaSets take them over; its controller's own does not. */
function notes({ metadata }: Resource): Record<string, string> {
  const { "deployment.kubernetes.io/revision": _, ...others } = metadata.annotations ?? {};
  return others;
}

/** Deletion was asked for and nothing holds the object any longer. */
function isFinished(object: Resource): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (!deletionTimestamp || finalizers?.length) return false;
  if (object.kind === "Namespace") return ((object.spec as { finalizers?: string[] })?.finalizers ?? []).length === 0;
  return object.kind !== "Pod" || !deletionGracePeriodSeconds;
}
