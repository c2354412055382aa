import { type KindRule, kindRules } from "../api/kinds.ts";
import type { Registry } from "../api/registry.ts";
import type { Resource } from "../objects/resource.ts";
import { type Controller, startController } from "./controller.ts";

const byRule = new Map(kindRules.map((rule) => [rule.kind, rule]));

/** Deletes what its owner has left behind, and carries out Foreground and Orphan deletion. */
export function startGarbageCollector(registry: Registry): Controller {
  return startController(
    registry,
    "garbage collection",
    ({ type, object }) => {
      const owners = (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);
      // A dependent that goes may be what its owner waits for; one that comes may belong to an owner that is gone.
      if (type === "DELETED") return [object.metadata.uid, ...owners];
      return [...(object.metadata.deletionTimestamp ? [object.metadata.uid] : []), ...(type === "ADDED" ? owners : [])];
    },
    () =>
      allObjects(registry).flatMap((object) => [object.metadata.uid, ...(object.metadata.ownerReferences ?? []).map((owner) => owner.uid)]),
    (uid) => collect(registry, uid),
  );
}

function allObjects(registry: Registry): Resource[] {
  return kindRules.flatMap((rule) => registry.store.values(rule));
}

function collect(registry: Registry, uid: string): void {
  const { owners } = registry.store;
  const owner = owners.find(uid);
  const dependents = owners.ownedBy(uid);
  if (!owner) for (const dependent of dependents) releaseOrDelete(registry, dependent, uid);
  else if (owner.metadata.finalizers?.includes("orphan")) orphan(registry, owner, dependents);
  else if (owner.metadata.finalizers?.includes("foregroundDeletion")) deleteForeground(registry, owner, dependents);
}

/** Another owner that still lives keeps the object: then only the reference goes. */
function releaseOrDelete(registry: Registry, dependent: Resource, uid: string): void {
  const others = (dependent.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid);
  const living = others.some((reference) => registry.store.owners.find(reference.uid) !== undefined);
  if (living) removeReference(registry, dependent, uid);
  else if (!dependent.metadata.deletionTimestamp) deleteObject(registry, dependent);
}

function orphan(registry: Registry, owner: Resource, dependents: Resource[]): void {
  for (const dependent of dependents) removeReference(registry, dependent, owner.metadata.uid);
  removeFinalizer(registry, owner, "orphan");
}

function deleteForeground(registry: Registry, owner: Resource, dependents: Resource[]): void {
  for (const dependent of dependents) if (!dependent.metadata.deletionTimestamp) deleteObject(registry, dependent, "Foreground");
  const blocking = dependents.filter((dependent) =>
    dependent.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid && reference.blockOwnerDeletion),
  );
  const left = blocking.filter((object) => registry.find(object.kind, object.metadata.namespace, object.metadata.name));
  if (left.length === 0) removeFinalizer(registry, owner, "foregroundDeletion");
}

function deleteObject(registry: Registry, object: Resource, policy?: "Foreground"): void {
  const { namespace, name, uid } = object.metadata;
  if (!registry.find(object.kind, namespace, name)) return;
  // Pods have no dependents: a finalizer would only delay them.
  const propagationPolicy = policy && object.kind !== "Pod" ? policy : undefined;
  registry.delete(byRule.get(object.kind) as KindRule, namespace, name, {
    preconditions: { uid },
    ...(propagationPolicy && { propagationPolicy }),
  });
}

function removeReference(registry: Registry, object: Resource, uid: string): void {
  registry.change(object.kind, object, (draft) => {
    draft.metadata.ownerReferences = draft.metadata.ownerReferences?.filter((reference) => reference.uid !== uid) ?? [];
  });
}

function removeFinalizer(registry: Registry, object: Resource, finalizer: string): void {
  registry.change(object.kind, object, (draft) => {
    draft.metadata.finalizers = draft.metadata.finalizers?.filter((each) => each !== finalizer) ?? [];
  });
}
